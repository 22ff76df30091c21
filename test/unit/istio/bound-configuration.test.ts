import { expect, test } from '@jest/globals';
import { type BoundObject, boundConfiguration } from '../../../src/istio/bound-configuration.ts';
import { CONFIGURATION_KINDS } from '../../../src/istio/configuration-kinds.ts';
import { reachOf } from '../../../src/istio/reach.ts';
import { NEW, OLD, mesh as meshOf, plane, pod, workload } from '../../support/mesh.ts';

const object = (kind: string, namespace: string | undefined, name = 'x'): BoundObject => ({
  of: CONFIGURATION_KINDS.find((one) => one.kind === kind)!,
  namespace,
  name,
});

const MOVES = {
  from: '1-30-3',
  to: '1-31-0',
  root: 'istio-config',
  moved: new Set(['pay']),
  later: new Set(['shop']),
  foreign: new Set(['theirs']),
  removes: false,
  others: [] as readonly string[],
};

const told = (
  objects: readonly BoundObject[],
  moves: Partial<typeof MOVES> = {},
  acknowledged: readonly string[] = [],
) =>
  boundConfiguration(objects, { ...MOVES, ...moves }, acknowledged).map((one) => [one.severity, one.object]);

test('promise 14: a policy that the old istiod alone reads does not stay behind unseen', () => {
  expect(told([object('AuthorizationPolicy', 'pay')])).toEqual([['error', 'AuthorizationPolicy pay/x']]);
  expect(told([object('AuthorizationPolicy', 'shop')])).toEqual([['warning', 'AuthorizationPolicy shop/x']]);
  const [finding] = boundConfiguration([object('Sidecar', 'shop')], MOVES, []);
  expect(finding?.message).toContain('Promote would be refused');
  expect(finding?.remedy).toContain('kubectl label sidecars.networking.istio.io x -n shop istio.io/rev-,');
});

test('promise 12: where there is another mesh, taking the label away is not what is said first', () => {
  const remedy = (...others: readonly string[]) =>
    boundConfiguration([object('Sidecar', 'pay')], { ...MOVES, others }, [])[0]?.remedy;
  expect(remedy()).toMatch(/^Take the label away, and every istiod reads it: kubectl label /);
  expect(remedy('mesh-b', 'mesh-c')).toMatch(
    /^Make a copy of it .* istio\.io\/rev=1-31-0, .*acknowledge: Sidecar\/pay\/x\. Without the label .* mesh-b and mesh-c read it as well/,
  );
});

test('what all proxies have is lost by the first that move', () => {
  expect(
    told([
      object('AuthorizationPolicy', 'istio-config'),
      object('VirtualService', 'shop'),
      object('PeerAuthentication', 'shop'),
      object('ServiceEntry', 'nobody'),
      object('GatewayClass', undefined),
    ]),
  ).toEqual([
    ['error', 'AuthorizationPolicy istio-config/x'],
    ['error', 'VirtualService shop/x'],
    ['error', 'PeerAuthentication shop/x'],
    ['error', 'ServiceEntry nobody/x'],
    ['error', 'GatewayClass x'],
  ]);
  expect(told([object('VirtualService', 'shop')], { moved: new Set() })).toEqual([
    ['warning', 'VirtualService shop/x'],
  ]);
});

test('what acts on no proxy of this mesh is none of it', () => {
  expect(
    told([
      object('AuthorizationPolicy', 'nobody'),
      object('AuthorizationPolicy', 'theirs'),
      object('VirtualService', 'theirs'),
    ]),
  ).toEqual([]);
  expect(told([object('VirtualService', 'pay')], { moved: new Set(), later: new Set() })).toEqual([]);
});

test('what may be lost is a warning, and what is removed is told', () => {
  expect(told([object('EnvoyFilter', 'pay')], {}, ['EnvoyFilter/pay/x'])).toEqual([
    ['warning', 'EnvoyFilter pay/x'],
  ]);
  expect(told([object('EnvoyFilter', 'pay', 'xy')], {}, ['EnvoyFilter/pay/x'])).toEqual([
    ['error', 'EnvoyFilter pay/xy'],
  ]);
  const [finding] = boundConfiguration([object('Sidecar', 'pay')], { ...MOVES, removes: true }, []);
  expect(finding?.message).toContain('nobody reads it');
});

test('a canary reaches its own namespaces and where proxies are on the target; promote all of the mesh', () => {
  const mesh = meshOf({
    planes: [plane(OLD.revision, OLD.version)],
    namespaces: {
      a: { 'istio.io/rev': OLD.revision },
      b: { 'istio.io/rev': OLD.revision },
      c: {},
      d: {},
      gone: { 'istio.io/rev': OLD.revision },
    },
    workloads: [workload('c/w', { injectedBy: [OLD.revision], pinnedRevision: 'stable' })],
    pods: [pod('d/w-1', NEW.revision)],
  });
  const leaving = {
    ...mesh,
    namespaces: mesh.namespaces.map((one) => (one.name === 'gone' ? { ...one, terminating: true } : one)),
  };
  const names = (part: Parameters<typeof reachOf>[2]) => {
    const { moved, later } = reachOf(leaving, { from: OLD, to: NEW }, part, false);
    return [[...moved].sort(), [...later].sort()];
  };
  expect(names({ namespaces: ['a'], tags: ['stable'] })).toEqual([['a', 'c', 'd'], ['b']]);
  expect(names({ namespaces: [], tags: [] })).toEqual([['d'], ['a', 'b', 'c']]);
  expect(names(undefined)).toEqual([['a', 'b', 'c', 'd'], []]);
});

test('a leave is for one object, not for those whose names begin like it', () => {
  const named = (name: string): BoundObject => ({ ...object('VirtualService', 'pay'), name });
  expect(told([named('shop'), named('shop.example.com')], {}, ['VirtualService/pay/shop'])).toEqual([
    ['warning', 'VirtualService pay/shop'],
    ['error', 'VirtualService pay/shop.example.com'],
  ]);
});
