import { describe, expect, test } from '@jest/globals';
import { changedByAccident } from '../../../src/istio/accident.ts';
import { type MeshSpec, NEW, OLD, installedGateway, mesh, plane, shared } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const spec: MeshSpec = {
  planes: [old],
  tags: { default: OLD.revision, prod: OLD.revision },
  defaultValidator: OLD.revision,
  installedGateways: [installedGateway('istio-system/gw', OLD.revision)],
};
const command = { command: 'istioctl install', own: NEW.revision };

describe('promise 6: nothing changes by accident', () => {
  test('the revision that the command is for may come', () => {
    const after = mesh({ ...spec, planes: [old, plane(NEW.revision, NEW.version)] });
    expect(changedByAccident(mesh(spec), after, command)).toEqual([]);
  });

  test.each<[string, Partial<MeshSpec>]>([
    ['the default tag', { tags: { default: NEW.revision, prod: OLD.revision } }],
    ['the default tag', { defaultService: NEW.revision }],
    ['the default validator', { defaultValidator: NEW.revision }],
    ['the revision tags', { tags: { default: OLD.revision } }],
    ['the gateways', { installedGateways: [] }],
    ['CNI or ztunnel', { shared: [shared({ kind: 'ztunnel' })] }],
    ['CNI or ztunnel', { shared: [shared({ fingerprint: 'other' })] }],
    ['another control plane', { planes: [{ ...old, fingerprint: 'other' }] }],
  ])('%s may not', (what, change) => {
    const findings = changedByAccident(mesh(spec), mesh({ ...spec, ...change }), command);
    expect(findings.map(({ message }) => message).join()).toContain(`changed ${what}`);
  });

  test('M39: a Gateway of a tenant may come and go meanwhile: istioctl does not touch it', () => {
    const after = mesh({ ...spec, gateways: ['Gateway shop/tenant'] });
    expect(changedByAccident(mesh(spec), after, command)).toEqual([]);
  });

  test('but what the command is for may', () => {
    const after = mesh({ ...spec, defaultValidator: NEW.revision });
    expect(changedByAccident(mesh(spec), after, { ...command, meant: ['the default validator'] })).toEqual(
      [],
    );
  });
});
