import { expect, test } from '@jest/globals';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import type { MeshPod } from '../../../src/istio/mesh.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { verifyGatewaysInPlace } from '../../../src/steps/verify-gateways-in-place.ts';
import { type MeshSpec, installedGateway, mesh, pod, view, workload } from '../../support/mesh.ts';

const R = 'default';
const NAME = 'Deployment istio-system/edge';
const SIDES = { from: { revision: R, version: '1.30.3' }, to: { revision: R, version: '1.31.0' } };

/** Runs the step without time to wait in, where the gateway's one pod has this version, and this is what istiod says of it. */
function see(
  version: string,
  sync: 'synced' | 'stale',
  before: Partial<typeof NOTHING_BEFORE> = {},
  injectedBy: readonly string[] = [],
  sides = SIDES,
) {
  const spec: MeshSpec = {
    planes: [],
    tags: { default: R },
    namespaces: { 'istio-system': {} },
    installedGateways: [installedGateway('istio-system/edge', R)],
    workloads: [workload('istio-system/edge', { gateway: 'installed', injectedBy })],
    pods: [pod('istio-system/edge', R, { version, injectedBy: [R] })],
  };
  const seen = mesh(spec);
  const decided = view(spec, {
    upgrade: { attempt: 'x', ...sides, scope: { namespaces: ['a'], tags: [] }, tags: {} },
  });
  const [{ name, namespace }] = seen.pods as [MeshPod];
  const istioctl = {
    proxyStatus: () =>
      Promise.resolve({
        readable: true,
        proxies: [{ name, namespace, version, istiod: 'i', sync, detail: 'CDS' }],
        istiods: ['i'],
      }),
  };
  const context = {
    istioctl: { to: { istioctl }, from: { istioctl } },
    upgrade: decided.upgrade,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 0,
    observe: () => Promise.resolve(seen),
  } as unknown as Context;
  return verifyGatewaysInPlace.run(context, { ...decided, before: { ...NOTHING_BEFORE, ...before } });
}

test('a gateway that was replaced is seen to work: of the new release, connected and in sync', async () => {
  await expect(see('1.31.0', 'synced')).resolves.toBe(`of 1.31.0, and in sync: ${NAME}`);
});

test('one that is not in sync, or still of the old release, fails', async () => {
  await expect(see('1.31.0', 'stale')).rejects.toMatchObject({
    findings: [{ id: 'proxy-behind', message: expect.stringMatching(/not in sync/) as unknown }],
  });
  await expect(see('1.30.3', 'synced')).rejects.toMatchObject({
    findings: [{ id: 'proxy-behind', message: expect.stringMatching(/version 1.30.3/) as unknown }],
  });
});

test('one that was not so before has nothing to prove', async () => {
  await expect(see('1.31.0', 'stale', { unsynced: new Set([NAME]) })).resolves.toMatch(/^not judged.*edge$/);
  await expect(see('1.31.0', 'stale', { troubled: new Set([NAME]) })).resolves.toMatch(/^not judged.*edge$/);
});

test('one that an injector gives its proxy did not go along: a restart moves it', async () => {
  await expect(see('1.30.3', 'synced', {}, [R])).resolves.toMatch(/^nothing went along/);
});

test('down, one that the newer control plane has replaced with the older proxy', async () => {
  const down = { from: SIDES.to, to: SIDES.from };
  await expect(see('1.30.3', 'synced', {}, [], down)).resolves.toBe(`of 1.30.3, and in sync: ${NAME}`);
  await expect(see('1.30.3', 'stale', {}, [], down)).rejects.toMatchObject({
    findings: [{ id: 'proxy-behind' }],
  });
});
