import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call } from './client.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
}, 60_000);
afterAll(() => cluster.close());

const quota = (hard: object) =>
  call(cluster, 'POST', '/api/v1/namespaces/shop/resourcequotas', {
    body: { metadata: { name: 'few' }, spec: { hard } },
  });
const rehearse = () =>
  call(cluster, 'POST', '/api/v1/namespaces/shop/pods?dryRun=All', {
    body: { metadata: { name: 'a' }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
  });

test('a quota that is full refuses pods, dry runs too (M26)', async () => {
  expect((await quota({ pods: '1' })).status).toBe(201);
  expect((await rehearse()).status).toBe(201);
  const spec = { containers: [{ name: 'app', image: 'app:1' }] };
  cluster.create({ kind: 'Pod', metadata: { name: 'first', namespace: 'shop' }, spec });
  const { status, body } = await rehearse();
  expect(status).toBe(403);
  expect(body.message).toBe(
    'pods "a" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1',
  );
});

test('a quota of anything else is not known', async () => {
  expect((await quota({ cpu: '1' })).status).toBe(501);
});
