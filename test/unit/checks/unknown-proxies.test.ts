import { describe, expect, test } from '@jest/globals';
import { unknownProxies } from '../../../src/checks/unknown-proxies.ts';
import { acceptedBy, nobody } from '../../../src/istio/stragglers.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, OLD, pod } from '../../support/mesh.ts';

const proxy = (name: string) => ({
  name,
  namespace: 'a',
  version: OLD.version,
  istiod: 'i',
  sync: 'synced' as const,
  detail: '',
});
const from = { readable: true as const, istiods: ['i'], proxies: [proxy('w-1'), proxy('by-hand')] };

function found(changes: Partial<CheckView> = {}, spec: Partial<MeshSpec> = {}) {
  return unknownProxies(
    checkView({ planes: [], pods: [pod('a/w-1', OLD.revision)], ...spec }, { status: { from }, ...changes }),
  );
}

describe('M08: who is connected and no injector has made', () => {
  test.each([
    ['precheck', 'error'],
    ['promote', 'error'],
    ['canary', 'warning'],
  ] as const)('is named in %s, as %s, with how to accept it', (phase, severity) => {
    expect(found({ phase })).toMatchObject([
      {
        id: 'unknown-proxy-connected',
        severity,
        object: 'Pod a/by-hand',
        remedy: expect.stringContaining('allow-stragglers: a/by-hand'),
      },
    ]);
  });

  test('also where it is known as a pod without a sidecar of ours', () => {
    const pods = [pod('a/w-1', OLD.revision), pod('a/by-hand', undefined, { injectedBy: [OLD.revision] })];
    expect(found({}, { pods })).toHaveLength(1);
  });

  test('not where it was accepted, by itself or by its owner', () => {
    expect(found({ accepted: acceptedBy({ names: ['a/by-hand'], selectors: [] }) })).toEqual([]);
    const pods = [pod('a/w-1', OLD.revision), pod('a/by-hand', undefined, { accepted: true })];
    expect(found({ accepted: nobody }, { pods })).toEqual([]);
  });

  test('nothing is said where istiod was not asked, or gave no answer', () => {
    expect(found({ status: {} })).toEqual([]);
    expect(found({ status: { from: { readable: false, reason: 'silence' } } })).toEqual([]);
  });
});
