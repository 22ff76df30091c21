import { describe, expect, test } from '@jest/globals';
import { behindInScope } from '../../../src/istio/behind.ts';
import { heldOnTarget } from '../../../src/istio/behind-in-place.ts';
import type { RenderedObject } from '../../../src/istioctl/manifest.ts';
import { configurationOf, heldConfiguration, inPlaceConfiguration } from '../../../src/steps/held-proxies.ts';
import { holdProxies } from '../../../src/steps/hold-proxies.ts';
import { notReady, replaceControlPlane } from '../../../src/steps/replace-control-plane.ts';
import { type MeshSpec, installedGateway, plane, pod, view, workload } from '../../support/mesh.ts';

const R = 'default';
const A = { revision: R, version: '1.30.3' };
const B = { revision: R, version: '1.31.0' };
const injector = (content: string): RenderedObject => ({
  kind: 'ConfigMap',
  name: 'istio-sidecar-injector',
  namespace: 'istio-system',
  component: 'Pilot',
  revision: R,
  tag: undefined,
  images: ['docker.io/istio/proxyv2:1.30.3'],
  serves: [],
  placeholders: [],
  content,
});
const live = (content: string) => ({
  kind: 'ConfigMap' as const,
  namespace: 'istio-system',
  name: 'istio-sidecar-injector',
  uid: 'u',
  revision: R,
  terminating: false,
  content,
});
/** Of a kind whose content nobody compares, with the label of the istioctl that has written it. */
const account = { ...injector(''), kind: 'ServiceAccount', name: 'istiod', content: undefined };
const liveAccount = (installedAs: string) => ({
  ...live(''),
  kind: 'ServiceAccount' as const,
  name: 'istiod',
  content: undefined,
  installedAs,
});
const at = (spec: MeshSpec, sides = { from: A, to: B }) =>
  view(
    { tags: { default: R }, ...spec },
    {
      upgrade: { attempt: 'x', ...sides, scope: { namespaces: ['a'], tags: [] }, tags: {} },
    },
  );
const objects = (step: ReturnType<typeof replaceControlPlane>, spec: MeshSpec): string[] =>
  (step.plan?.(at(spec)) ?? []).map(({ object }) => object);

describe('what is installed in place', () => {
  const given = (config: string[], set: string[], gateways = false) =>
    inPlaceConfiguration({ config, set }, gateways).set;

  test('nothing is what istioctl installs of nothing; without a gateway that was not the default profile', () => {
    expect(given([], [])).toEqual(['profile=minimal']);
    expect(given([], [], true)).toEqual([]);
    expect(given(['f.yaml'], ['a=b'])).toEqual(['a=b']);
    expect(given([], ['profile=demo'])).toEqual(['profile=demo']);
  });

  test('a step installs what was weighed, also where a gateway was deleted since', () => {
    const gateway = { ...injector('x'), kind: 'Deployment', component: 'IngressGateways' };
    const none = { config: [], set: [] };
    expect(configurationOf(none, [injector('x'), gateway]).set).toEqual([]);
    expect(configurationOf(none, [injector('x')]).set).toEqual(['profile=minimal']);
  });

  test('H40: on the way down the newer injector names the older proxy as a whole image', () => {
    expect(heldConfiguration({ configFiles: [], set: ['a=b'] }, [injector('x')]).set).toEqual([
      'a=b',
      'values.global.proxy.image=docker.io/istio/proxyv2:1.30.3',
      'values.global.proxy_init.image=docker.io/istio/proxyv2:1.30.3',
    ]);
  });

  test.each([
    [undefined, 'hub/proxyv2:1.30.3', 'hub/proxyv2:1.30.3'],
    ['distroless', 'hub/proxyv2:1.30.3', 'hub/proxyv2:1.30.3-distroless'],
    ['distroless', 'hub/proxyv2:1.30.3-debug', 'hub/proxyv2:1.30.3-distroless'],
    ['default', 'hub/proxyv2:1.30.3-distroless', 'hub/proxyv2:1.30.3'],
    ['hardened', 'hub/proxyv2:1.30.3-hardened', 'hub/proxyv2:1.30.3-hardened'],
    ['distroless', 'registry:5000/proxyv2@sha256:abc', 'registry:5000/proxyv2@sha256:abc'],
  ])('in the variant that the mesh asks for (imageType %s of %s)', (type, image, held) => {
    const mesh = {
      ...injector('m'),
      name: 'istio',
      images: [],
      ...(type === undefined ? {} : { imageType: type }),
    };
    const older = [mesh, { ...injector('x'), images: [image] }];
    expect(heldConfiguration({ configFiles: [], set: [] }, older).set).toContain(
      `values.global.proxy.image=${held}`,
    );
  });
});

describe('replace-control-plane', () => {
  const step = replaceControlPlane('to', [injector('new')]);
  const INSTALL = ['istiod 1.31.0 in place'];

  test.each<[what: string, spec: MeshSpec, todo: string[]]>([
    ['the old release runs', { planes: [plane(R, '1.30.3')], owned: [live('old')] }, INSTALL],
    ['it died before istiod', { planes: [plane(R, '1.30.3')], owned: [live('new')] }, INSTALL],
    ['it died after istiod', { planes: [plane(R, '1.31.0')], owned: [live('old')] }, INSTALL],
    [
      'it does not serve',
      { planes: [plane(R, '1.31.0', { service: false })], owned: [live('new')] },
      INSTALL,
    ],
    ['all is there', { planes: [plane(R, '1.31.0')], owned: [live('new')] }, []],
    [
      'a gateway is left at the old release',
      {
        planes: [plane(R, '1.31.0')],
        owned: [live('new')],
        installedGateways: [installedGateway('istio-system/edge', R)],
        pods: [pod('istio-system/edge-1', R, { version: '1.30.3' })],
      },
      INSTALL,
    ],
    [
      'a gateway that an injector gives its proxy: its template is the same of every release',
      {
        planes: [plane(R, '1.31.0')],
        owned: [live('new')],
        installedGateways: [installedGateway('edge/edge', R)],
        workloads: [workload('edge/edge', { gateway: 'installed', injectedBy: [R] })],
        pods: [pod('edge/edge-1', R, { version: '1.30.3' })],
      },
      [],
    ],
  ])('%s', (_, spec, todo) => {
    expect(objects(step, spec)).toEqual(todo);
  });
});

test('that istiod is not there and ready is said where it is not', () => {
  const said = (version: string, lack: string) =>
    notReady(at({ planes: [plane(R, version)] }), 'to', { lack, words: '' }).message;
  expect(said('1.31.0', 'gateway pod a/b is 1.30.3, not 1.31.0')).toBe(
    'gateway pod a/b is 1.30.3, not 1.31.0',
  );
  expect(said('1.30.3', 'istiod is 1.30.3, not 1.31.0')).toBe(
    'istiod 1.31.0 is not there and ready; istiod is 1.30.3, not 1.31.0',
  );
});

describe('an installation that died half-way, between objects whose content nobody compares', () => {
  test.each([
    [['1.31.0', '1.30.3'], ['istiod 1.31.0 in place']],
    [['1.31.0', '1.31.0'], []],
    [['1.29.6'], []],
    [[], []],
  ])('the default tag is there as %j have installed it', (defaultInstalledAs, todo) => {
    const view = at({ planes: [plane(R, '1.31.0')], owned: [live('new')] });
    const step = replaceControlPlane('to', [injector('new')]);
    const plan = step.plan?.({ ...view, mesh: { ...view.mesh, defaultInstalledAs } }) ?? [];
    expect(plan.map(({ object }) => object)).toEqual(todo);
  });

  const forth = replaceControlPlane('to', [injector('new'), account]);
  const back = replaceControlPlane('from', [injector('old'), account]);
  const [older, newer] = [plane(R, '1.30.3'), plane(R, '1.31.0')];

  test('rollback takes back what the newer istioctl wrote before it came to istiod', () => {
    const owned = [live('old'), liveAccount('1.31.0')];
    expect(objects(back, { planes: [older], owned })).toEqual(['istiod 1.30.3 in place']);
    expect(objects(back, { planes: [older], owned: [live('old'), liveAccount('1.30.3')] })).toEqual([]);
  });

  test('canary goes on with what the newer istioctl had not come to after istiod', () => {
    const owned = [live('new'), liveAccount('1.30.3')];
    expect(objects(forth, { planes: [newer], owned })).toEqual(['istiod 1.31.0 in place']);
    expect(objects(forth, { planes: [newer], owned: [live('new'), liveAccount('1.31.0')] })).toEqual([]);
  });

  test('a third release is nobody’s half-way: an image may be of another one than its istioctl', () => {
    const owned = [live('old'), liveAccount('1.30.1')];
    expect(objects(back, { planes: [older], owned })).toEqual([]);
  });

  test('what the release does not make any more stays, and is not waited for', () => {
    const owned = [live('old'), liveAccount('1.30.3'), { ...liveAccount('1.31.0'), name: 'later' }];
    expect(objects(back, { planes: [older], owned })).toEqual([]);
  });
});

describe('a rollback of a canary that ended before its first write', () => {
  const back = replaceControlPlane('from', [injector('without what canary was allowed to lose')]);
  const BACK = ['istiod 1.30.3 in place'];

  test.each<[what: string, spec: MeshSpec, todo: string[]]>([
    ['installs nothing', { planes: [plane(R, '1.30.3')], owned: [live('whole')] }, []],
    [
      'but what one has written',
      { planes: [plane(R, '1.30.3')], owned: [{ ...live('whole'), installedAs: '1.31.0' }] },
      BACK,
    ],
    [
      'but where istiod does not serve',
      { planes: [plane(R, '1.30.3', { service: false })], owned: [live('whole')] },
      BACK,
    ],
  ])('%s', (_, spec, todo) => {
    expect(objects(back, spec)).toEqual(todo);
  });

  test('a downgrade holds proxies by its own release: the way back of it installs what differs', () => {
    const spec = { planes: [plane(R, '1.31.0')], owned: [live('held')], tags: { default: R } };
    expect(back.plan?.(at(spec, { from: B, to: A })).map(({ object }) => object)).toEqual([
      'istiod 1.31.0 in place',
    ]);
  });
});

describe('H40: hold-proxies', () => {
  const rendered = { rendered: [injector('held')], older: [injector('old')] };
  const back = holdProxies('to', rendered, heldOnTarget, false);
  const moved = { pods: [pod('a/p-1', R, { version: '1.31.0' })] };
  const HOLD = ['istiod 1.31.0 in place, with proxies of 1.30.3'];

  test.each<[what: string, spec: MeshSpec, todo: string[]]>([
    ['a proxy is newer', { planes: [plane(R, '1.31.0')], owned: [live('new')], ...moved }, HOLD],
    ['it is held already', { planes: [plane(R, '1.31.0')], owned: [live('held')], ...moved }, []],
    ['no proxy is newer', { planes: [plane(R, '1.31.0')], owned: [live('new')] }, []],
    ['istiod went down already', { planes: [plane(R, '1.30.3')], owned: [live('old')], ...moved }, []],
    ['istiod can not give it out', { planes: [plane(R, '1.31.0', { service: false })], ...moved }, []],
  ])('%s', (_, spec, todo) => {
    expect(objects(back, spec)).toEqual(todo);
  });

  test('a downgrade on purpose holds them before the first is restarted', () => {
    const down = holdProxies('from', rendered, behindInScope, true);
    const spec = { planes: [plane(R, '1.31.0')], owned: [live('new')], tags: { default: R } };
    expect(down.plan?.(at(spec, { from: B, to: A })).map(({ object }) => object)).toEqual(HOLD);
  });
});
