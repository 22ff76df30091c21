import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { shop } from '../../../testbed/shop.ts';
import { type ClusterObject, normalise } from '../../support/normalise.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ objects: shop('default') });
}, 60_000);
afterAll(() => cluster.close());

const objects = () => normalise(cluster.snapshot() as readonly object[] as readonly ClusterObject[]);
const proxies = async (): Promise<string[]> => {
  const { stdout } = await cluster.istioctl('1.31.0', 'proxy-status', '--revision', 'default', '-o', 'json');
  return [...stdout.matchAll(/"id":\s*"([^"]+)"/g)].map(([, id = '']) => id).sort();
};

test('a cluster that is put back to a snapshot is as it was, and its pods run', async () => {
  const [before, copy, connected] = [objects(), cluster.snapshot(), await proxies()];
  expect(connected.length).toBeGreaterThan(10);
  cluster.create({ kind: 'Namespace', metadata: { name: 'later' } });
  cluster.patch('Deployment', 'cart', 'storefront', { spec: { replicas: 4 } });
  cluster.remove('Deployment', 'products', 'catalog');
  await cluster.settled();
  expect(await proxies()).not.toEqual(connected);
  await cluster.restore(copy);
  expect(objects()).toEqual(before);
  // Who has gone is not connected any more, and everybody else is again.
  expect(await proxies()).toEqual(connected);
});

test('what it could not put back it does not begin with', async () => {
  const before = cluster.snapshot();
  await expect(cluster.restore([{ ...before[0]!, kind: 'Oddity' }])).rejects.toThrow(
    'Oddity is not a kind that can be put back',
  );
  expect(cluster.snapshot()).toEqual(before);
});
