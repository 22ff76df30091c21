import { describe, expect, test } from '@jest/globals';
import { installedGateways } from '../../../src/checks/installed-gateways.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import type { RenderedGateway } from '../../../src/istioctl/gateway-manifest.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, installedGateway } from '../../support/mesh.ts';

const rendered = (content = 'content', name = 'gw', images: readonly string[] = []) => ({
  readable: true as const,
  gateways: [{ namespace: 'istio-system', name, objects: [], content, images }] satisfies RenderedGateway[],
});

function found(
  gateways: CheckView['gateways'],
  changes: Partial<CheckView> = {},
  gateway = installedGateway('istio-system/gw', OLD.revision),
): string[] {
  return installedGateways(
    checkView({ planes: [], installedGateways: [gateway] }, { gateways, ...changes }),
  ).map(({ severity, id }) => `${severity} ${id}`);
}

describe('gateways that istioctl installed come out of the configuration, or nothing is touched', () => {
  test('of both istioctls as it is: nothing to say', () => {
    expect(found({ from: rendered(), to: rendered('newer') })).toEqual([]);
  });

  test('nobody asked yet: nothing is said', () => {
    expect(found(undefined)).toEqual([]);
  });

  test.each<[string, CheckView['gateways']]>([
    ['the target', { from: rendered(), to: rendered('content', 'other') }],
    ['H42: the current version', { from: rendered('content', 'other'), to: rendered() }],
  ])('%s does not render it', (_, gateways) => {
    expect(found(gateways)).toEqual(['error gateway-not-in-configuration']);
  });

  test('neither does, which is said once', () => {
    const none = { readable: true as const, gateways: [] };
    expect(found({ from: none, to: none })).toEqual(['error gateway-not-in-configuration']);
  });

  test('istioctl can’t', () => {
    expect(found({ to: { readable: false, reason: 'x' } })).toEqual(['error gateways-not-rendered']);
  });

  test('a tag that is pinned would give both sides one release', () => {
    const of = (version: string) => rendered('content', 'gw', [`docker.io/istio/proxyv2:${version}`]);
    const digest = rendered('content', 'gw', ['docker.io/istio/proxyv2@sha256:1']);
    expect(found({ from: of(OLD.version), to: of(`${NEW.version}-distroless`) })).toEqual([]);
    expect(found({ from: digest, to: digest })).toEqual([]);
    expect(found({ from: of(NEW.version), to: of(NEW.version) })).toEqual(['error gateway-other-version']);
    expect(found({ from: of(OLD.version), to: of(OLD.version) })).toEqual(['error gateway-other-version']);
  });

  test('H08: what was changed since is lost', () => {
    expect(found({ from: rendered('other'), to: rendered() })).toEqual([
      'warning gateway-differs-from-configuration',
    ]);
  });

  test('one that may stay behind, or is of no side of the upgrade, needs no configuration', () => {
    const none = { to: { readable: true as const, gateways: [] } };
    expect(found(none, {}, installedGateway('istio-system/gw', OLD.revision, { accepted: true }))).toEqual(
      [],
    );
    expect(found(none, {}, installedGateway('istio-system/gw', 'another'))).toEqual([]);
    expect(found(none, {}, installedGateway('istio-system/gw', NEW.revision))).toEqual([]);
  });

  test('rollback asks for those of the canary', () => {
    const none = { from: { readable: true as const, gateways: [] } };
    const moved = installedGateway('istio-system/gw', NEW.revision);
    expect(found(none, { phase: 'rollback' }, moved)).toEqual(['error gateway-not-in-configuration']);
    expect(found({ from: rendered('other') }, { phase: 'rollback' }, moved)).toEqual([]);
    expect(found(none, { phase: 'rollback' })).toEqual([]);
  });
});
