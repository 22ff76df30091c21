import { describe, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../embedded/start.ts';
import { OLDEST_SUPPORTED } from '../../src/istio/dialect.ts';
import { PLAYED_IN_PLACE } from '../unit/istioctl/played-calls.ts';
import { apiOf } from './api.ts';
import { type Facts, seeFacts } from './facts.ts';
import { bound, kubernetesFor, minorOf, objectsFor, runnerOf } from './hop-cluster.ts';
import { Objects } from './objects.ts';

/**
 * How much of an upgrade in place a hop plays.
 *
 * - `back`: precheck, canary, rollback, canary, promote
 * - `whole`: the same, then rollback of all of it, and down on purpose (`allow-downgrade`) after a second upgrade
 */
type Play = 'back' | 'whole';

/**
 * Upgrades in place from release to release, on the embedded cluster, as `versions.test.ts` plays those beside the old
 * control plane. Each is one between which istioctl, what it installs, or how pods say their release is another.
 */
const HOPS: readonly (readonly [from: string, to: string, play: Play])[] = [
  ['1.5.9', '1.5.10', 'back'],
  // `manifest apply`, no revisions, and proxies that are told by arguments; and `install`.
  ['1.5.10', '1.6.14', 'back'],
  ['1.6.14', '1.7.8', 'back'],
  // Written over what is there, and applied on the server.
  ['1.7.8', '1.8.6', 'back'],
  // Injectors that choose by the namespace alone, and by the pod, too.
  ['1.9.9', '1.10.6', 'back'],
  // One validator, account and role for all, and each revision's own.
  ['1.10.6', '1.11.8', 'back'],
  // Without a default tag, and with one.
  ['1.11.8', '1.12.9', 'whole'],
  ['1.13.9', '1.14.6', 'back'],
  // Pods say their revision by a label, and by an annotation.
  ['1.17.8', '1.18.7', 'back'],
  // An IstioOperator is kept, and taken away.
  ['1.20.8', '1.21.6', 'back'],
  // By another owner's labels.
  ['1.23.6', '1.24.6', 'back'],
  // Sidecars, and native ones.
  ['1.26.8', '1.27.9', 'back'],
];

const TITLES: Readonly<Record<Play, string>> = {
  back: 'precheck, canary and rollback, then canary and promote',
  whole: 'the same, then rollback, and down on purpose',
};

jest.setTimeout(600_000);

const CANARY = { 'canary-namespaces': 'storefront, checkout' };
const ACCEPTED = { acknowledge: 'proxies-newer-than-control-plane' };
/** Has the rights of the shipped roles, and no others. */
const INSTALLER = 'installer';

const some: unknown = expect.any(Number);

/** From 1.24 on the role of canary is enough, and that of gateways where there is one. */
const needsOlderRole = (from: string, to: string): boolean => Math.min(minorOf(from), minorOf(to)) < 24;
/** Until 1.7 gateways of istioctl's are refused, as they do not say whose they are. */
const hasGateway = (version: string): boolean => minorOf(version) >= 8;
/** From 1.12 on the default is a tag. */
const hasDefault = (version: string): boolean => minorOf(version) >= 12;
/** Until 1.5 nothing says a revision. */
const proxyOf = (version: string): string => `${minorOf(version) < 6 ? 'none' : 'default'}@${version}`;

const everywhere = (version: string, gateway: boolean): object => ({
  ...Object.fromEntries(
    ['catalog', 'checkout', 'legacy', 'storefront'].map((name) => [name, { [proxyOf(version)]: some }]),
  ),
  ...(gateway ? { 'istio-system': { [proxyOf(version)]: 1 } } : {}),
});

const reached = (version: string, gateway: boolean): object => ({
  dataPlane: everywhere(version, gateway),
  default: {
    injector: minorOf(version) >= 10 ? 'default' : null,
    validator: hasDefault(version) ? 'default' : null,
  },
  controlPlanes: { default: version },
});

test('the oldest release that is worked with is left and gone to', () => {
  const oldest = Number(OLDEST_SUPPORTED['in-place'].split('.')[1]);
  expect(HOPS.map(([from]) => minorOf(from))).toContain(oldest);
  expect(HOPS.map(([, to]) => minorOf(to))).toContain(oldest);
});

describe('in place from version to version', () => {
  for (const [from, to, play] of HOPS) {
    test.concurrent(`in-place-${from}-${to}: ${TITLES[play]}`, async () => {
      const gateway = hasGateway(from);
      const cluster = await startEmbedded({
        versions: [from, to],
        ...kubernetesFor(from),
        objects: [...objectsFor(from), ...bound(INSTALLER, 'canary', ...(gateway ? ['gateways'] : []))],
        users: { [INSTALLER]: [] },
      });
      const { api, close } = apiOf(cluster.kubeconfig('admin'));
      const facts = async (): Promise<Facts> => unlabelled(await seeFacts(new Objects(api)));
      const calls: string[] = [];
      const profile = { set: gateway ? 'profile=default' : '' };
      const ends = runnerOf(cluster, to, { strategy: 'in-place', ...profile }, calls, INSTALLER);
      try {
        if (gateway) await withGateway(cluster, from);
        const before = await facts();
        expect(before).toMatchObject(reached(from, gateway));
        await ends('precheck', 'succeeded', CANARY);
        // What only older istioctl write is in a role of its own.
        if (needsOlderRole(from, to)) await ends('canary', 'refused', CANARY, ['permission-missing']);
        bound(INSTALLER, 'older').forEach((object) => cluster.create(object));
        await ends('canary', 'succeeded', CANARY);
        expect((await facts()).dataPlane).toMatchObject({
          storefront: { [proxyOf(to)]: some },
          catalog: { [proxyOf(from)]: some },
        });
        if (minorOf(from) === 5 && minorOf(to) === 6) {
          await ends('rollback', 'refused', {}, ['proxies-newer-than-control-plane']);
          await ends('rollback', 'rolled-back', ACCEPTED);
        } else await ends('rollback', 'rolled-back');
        expect(await facts()).toEqual(before);
        await ends('canary', 'succeeded', CANARY);
        await ends('promote', 'succeeded');
        expect(await facts()).toMatchObject(reached(to, gateway));
        if (PLAYED_IN_PLACE[to] !== undefined) expect(calls).toEqual(PLAYED_IN_PLACE[to]);
        await ends('promote', 'no-changes');
        if (play !== 'whole') return;
        await ends('rollback', 'rolled-back');
        expect(await facts()).toEqual(before);
        await ends('rollback', 'no-changes');
        await ends('canary', 'succeeded', CANARY);
        await ends('promote', 'succeeded');
        const down = { version: from, 'allow-downgrade': 'true' };
        await ends('canary', 'succeeded', { ...CANARY, ...down });
        await ends('promote', 'succeeded', down);
        expect(await facts()).toEqual(before);
      } finally {
        close();
        await cluster.close();
      }
    });
  }
});

test('an install that takes the default tag away first and then fails leaves an injector that injects', async () => {
  const [from, to] = ['1.13.9', '1.14.6'];
  const cluster = await startEmbedded({ versions: [from, to], objects: objectsFor(from) });
  const { api, close } = apiOf(cluster.kubeconfig('admin'));
  const facts = (): Promise<Facts> => seeFacts(new Objects(api));
  const ends = runnerOf(cluster, to, { strategy: 'in-place' }, []);
  const acknowledge = 'Deployment/istiod\nvalues.global.hub';
  const broken = { set: 'hub=broken.example', acknowledge, timeout: '40s' };
  try {
    const before = await facts();
    await ends('canary', 'failed', { ...CANARY, ...broken }, ['control-plane-not-ready']);
    expect((await facts()).default).toMatchObject({ injector: 'default' });
    // Another configuration than canary's: each key counts by its own name.
    const exact = 'Deployment/istiod:spec.template.spec.containers[discovery].image\nvalues.global.hub';
    await ends('rollback', 'rolled-back', { acknowledge: exact });
    expect(await facts()).toEqual(before);
  } finally {
    close();
    await cluster.close();
  }
});

/** Until 1.5 istiod has no label of its revision; that of 1.6, which an older istioctl leaves there, does no harm. */
function unlabelled(facts: Facts): Facts {
  const planes = Object.entries(facts.controlPlanes).map(([revision, version]) => [
    revision || 'default',
    version,
  ]);
  return { ...facts, controlPlanes: Object.fromEntries(planes) as Facts['controlPlanes'] };
}

async function withGateway(cluster: Embedded, version: string): Promise<void> {
  const { code, stderr } = await cluster.istioctl(version, 'install', '--set', 'profile=default', '-y');
  expect([code, stderr.includes('✘')]).toEqual([0, false]);
  await cluster.settled();
}
