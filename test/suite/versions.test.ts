import { describe, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../embedded/start.ts';
import { OLDEST_SUPPORTED } from '../../src/istio/dialect.ts';
import { apiOf } from './api.ts';
import { PLAYED_CALLS } from '../unit/istioctl/played-calls.ts';
import { seeFacts } from './facts.ts';
import { kubernetesFor, minorOf, objectsFor, runnerOf } from './hop-cluster.ts';
import { Objects } from './objects.ts';

/**
 * How much of an upgrade a hop plays.
 *
 * - `whole`: precheck, canary, rollback, canary, promote, and the removal by itself
 * - `back`: canary and rollback, then on again, the removal in promote; with a tag where there are tags, and
 *   from 1.8 on with a gateway that istioctl has installed
 * - `round`: precheck, and the same with the rollback only after promote
 * - `on`: canary, and promote with the removal
 */
type Play = 'whole' | 'back' | 'round' | 'on';

/**
 * Upgrades from release to release, on the embedded cluster: its istioctl accepts the flags of its version and no others,
 * and answers in the form of its version. docs/istioctl-versions.md names them. Every minor release that the Action works
 * with is at least one side of one of them.
 */
const HOPS: readonly (readonly [from: string, to: string, play: Play])[] = [
  // What the documents were written for, each from its predecessor.
  ['1.6.8', '1.6.14', 'on'],
  ['1.6.14', '1.7.8', 'back'],
  ['1.7.8', '1.8.6', 'round'],
  ['1.9.9', '1.10.6', 'back'],
  ['1.10.6', '1.11.8', 'round'],
  ['1.13.9', '1.14.6', 'back'],
  ['1.19.10', '1.20.8', 'back'],
  // What lies between them.
  ['1.11.8', '1.12.9', 'on'],
  ['1.15.7', '1.16.7', 'on'],
  ['1.17.8', '1.18.7', 'on'],
  ['1.21.6', '1.22.8', 'on'],
  ['1.23.6', '1.24.6', 'back'],
  ['1.24.6', '1.25.5', 'whole'],
  ['1.25.5', '1.26.8', 'whole'],
  ['1.26.8', '1.27.9', 'whole'],
  ['1.27.9', '1.28.10', 'whole'],
  ['1.28.10', '1.29.6', 'whole'],
  ['1.29.6', '1.30.3', 'whole'],
  ['1.30.3', '1.31.0', 'whole'],
  ['1.31.0', '1.32.0', 'whole'],
  // Two at once: what the old istioctl calls by one name, the new one calls by another.
  ['1.26.8', '1.28.10', 'whole'],
];

const TITLES: Readonly<Record<Play, string>> = {
  whole: 'canary and rollback, then canary, promote and the removal',
  back: 'canary and rollback, then canary, and promote with the removal',
  round: 'precheck, canary, promote and rollback, then canary, and promote with the removal',
  on: 'canary, and promote with the removal',
};

/** From 1.12 on the default is a tag; before, it stays where it is. */
const hasDefault = (version: string): boolean => minorOf(version) >= 12;

/** What is there beside the shop: a tag that a namespace follows, and a gateway. */
async function furnish(cluster: Embedded, from: string): Promise<{ tag: boolean; gateway: boolean }> {
  const has = { tag: minorOf(from) >= 10, gateway: minorOf(from) >= 8 };
  const run = async (...args: string[]): Promise<void> => {
    expect(await cluster.istioctl(from, ...args)).toMatchObject({ code: 0 });
  };
  if (has.gateway) await run('install', '--set', 'profile=default', '-y');
  if (has.tag) {
    const words = minorOf(from) === 10 ? ['x', 'revision', 'tag'] : ['tag'];
    await run(...words, 'set', 'prod', '--revision', 'default');
    cluster.patch('Namespace', 'catalog', undefined, { metadata: { labels: { 'istio.io/rev': 'prod' } } });
  }
  await cluster.settled();
  return has;
}

const CANARY = { 'canary-namespaces': 'storefront, checkout' };

jest.setTimeout(600_000);

const some: unknown = expect.any(Number);
const everywhere = (release: string): Record<string, unknown> =>
  Object.fromEntries(
    ['catalog', 'checkout', 'legacy', 'storefront'].map((name) => [name, { [release]: some }]),
  );

const REMOVAL = { 'remove-old': 'true', 'remove-old-after': '0s' };

test('each minor release that the Action works with is a side of an upgrade', () => {
  const sides = new Set(HOPS.flatMap(([from, to]) => [minorOf(from), minorOf(to)]));
  const oldest = Number(OLDEST_SUPPORTED.revision.split('.')[1]);
  const missing = Array.from({ length: 33 - oldest }, (_, at) => oldest + at).filter(
    (minor) => !sides.has(minor),
  );
  expect(missing).toEqual([]);
});

describe('from version to version', () => {
  for (const [from, to, play] of HOPS) {
    const target = to.replaceAll('.', '-');
    const [old, new_] = [`default@${from}`, `${target}@${to}`];
    test.concurrent(`hop-${from}-${to}: ${TITLES[play]}`, async () => {
      const cluster = await startEmbedded({
        revision: 'default',
        versions: [from, to],
        ...kubernetesFor(from),
        objects: objectsFor(from),
      });
      const { api, close } = apiOf(cluster.kubeconfig('admin'));
      const facts = (): ReturnType<typeof seeFacts> => seeFacts(new Objects(api));
      const calls: string[] = [];
      const ends = runnerOf(cluster, to, {}, calls);
      const owner = hasDefault(from) && hasDefault(to) ? target : null;
      try {
        const furnished = play === 'back' || play === 'round';
        const has = furnished ? await furnish(cluster, from) : { tag: false, gateway: false };
        const all = (release: string): object => ({
          ...everywhere(release),
          ...(has.gateway ? { 'istio-system': { [release]: 1 } } : {}),
        });
        const before = await facts();
        expect(before.dataPlane).toEqual(all(old));
        if (play === 'whole' || play === 'round') await ends('precheck', 'succeeded', CANARY);
        await ends('canary', 'succeeded', CANARY);
        const halfway = { storefront: { [new_]: some }, catalog: { [old]: some } };
        expect((await facts()).dataPlane).toMatchObject(halfway);
        if (play !== 'on') {
          if (play === 'round') await ends('promote', 'succeeded');
          await ends('rollback', 'rolled-back');
          expect(await facts()).toEqual(before);
          await ends('canary', 'succeeded', CANARY);
        }
        if (play === 'whole') await ends('promote', 'succeeded');
        await ends('promote', 'succeeded', REMOVAL);
        expect(await facts()).toMatchObject({
          dataPlane: all(new_),
          default: { injector: owner, validator: owner },
          controlPlanes: { [target]: to },
        });
        stillValidates(cluster);
        if (PLAYED_CALLS[to] !== undefined) expect(calls).toEqual(PLAYED_CALLS[to]);
        const prod = cluster.get('MutatingWebhookConfiguration', 'istio-revision-tag-prod');
        expect(prod?.metadata.labels?.['istio.io/rev']).toBe(has.tag ? target : undefined);
      } finally {
        close();
        await cluster.close();
      }
    });
  }
});

test('a mesh that an upgrade from below 1.12 has left without a default goes on by its labels', async () => {
  const cluster = await startEmbedded({
    versions: ['1.11.8', '1.12.9', '1.13.9'],
    objects: objectsFor('1.11.8'),
  });
  const { api, close } = apiOf(cluster.kubeconfig('admin'));
  const facts = (): ReturnType<typeof seeFacts> => seeFacts(new Objects(api));
  const nobodys = { injector: null, validator: null };
  try {
    const first = runnerOf(cluster, '1.12.9', {}, []);
    await first('canary', 'succeeded', CANARY);
    await first('promote', 'succeeded', REMOVAL);
    const before = await facts();
    expect(before).toMatchObject({ dataPlane: everywhere('1-12-9@1.12.9'), default: nobodys });
    const next = runnerOf(cluster, '1.13.9', {}, []);
    await next('precheck', 'succeeded', CANARY);
    await next('canary', 'succeeded', CANARY);
    await next('rollback', 'rolled-back');
    expect(await facts()).toEqual(before);
    await next('canary', 'succeeded', CANARY);
    await next('promote', 'succeeded');
    await next('rollback', 'rolled-back');
    expect(await facts()).toEqual(before);
    await next('canary', 'succeeded', CANARY);
    await next('promote', 'succeeded', REMOVAL);
    expect(await facts()).toMatchObject({
      dataPlane: everywhere('1-13-9@1.13.9'),
      default: nobodys,
      controlPlanes: { '1-13-9': '1.13.9' },
    });
    await next('promote', 'no-changes', REMOVAL);
  } finally {
    close();
    await cluster.close();
  }
});

/** Whoever validates answers: until 1.10 through a Service that the old control plane had. */
function stillValidates(cluster: Embedded): void {
  const asked = cluster
    .list('ValidatingWebhookConfiguration')
    .flatMap(({ webhooks = [] }) => webhooks)
    .flatMap(({ clientConfig: { service } }) => service ?? []);
  for (const { name, namespace } of asked) {
    const selector = Object.entries(cluster.get('Service', name, namespace)?.spec.selector ?? {});
    const pods = cluster
      .list('Pod', namespace)
      .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value));
    expect([name, selector.length > 0 && pods.length > 0]).toEqual([name, true]);
  }
}
