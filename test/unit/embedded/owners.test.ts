import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call, until } from './client.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
}, 60_000);
afterAll(() => cluster.close());

const spec = (app: string, restartPolicy: object = {}) => ({
  template: {
    metadata: { labels: { app } },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ...restartPolicy },
  },
});
const podsOf = (app: string) =>
  cluster.list('Pod', 'shop').filter(({ metadata }) => metadata.labels?.app === app);

test('a Job makes its pod, which runs until it is deleted, and takes it along', async () => {
  const body = { metadata: { name: 'once' }, spec: spec('once', { restartPolicy: 'Never' }) };
  expect((await call(cluster, 'POST', '/apis/batch/v1/namespaces/shop/jobs', { body })).status).toBe(201);
  await until(() => podsOf('once').some(({ status }) => status?.phase === 'Running'));
  const [pod] = podsOf('once');
  expect(pod?.spec.restartPolicy).toBe('Never');
  expect(pod?.metadata.ownerReferences).toMatchObject([
    { apiVersion: 'batch/v1', kind: 'Job', name: 'once' },
  ]);
  await until(() => (cluster.get('Job', 'once', 'shop')?.status as { active?: number }).active === 1);
  cluster.remove('Job', 'once', 'shop');
  await until(() => podsOf('once').length === 0);
});

test('a Job whose pods would always be restarted is refused', () => {
  const job = { kind: 'Job', metadata: { name: 'forever', namespace: 'shop' }, spec: spec('forever') };
  expect(() => cluster.create(job)).toThrow(/restartPolicy: Required value/);
});

test('a CronJob is stored, and makes nothing by itself', async () => {
  const body = { metadata: { name: 'nightly' }, spec: { schedule: '0 3 * * *', jobTemplate: {} } };
  await call(cluster, 'POST', '/apis/batch/v1/namespaces/shop/cronjobs', { body });
  const { body: list } = await call(cluster, 'GET', '/apis/batch/v1/cronjobs');
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['nightly']);
});

test('a ReplicaSet of nobody keeps so many pods, without a hash, and an old one as it is', async () => {
  cluster.create({
    kind: 'ReplicaSet',
    metadata: { name: 'bare', namespace: 'shop' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'bare' } }, ...spec('bare') },
  });
  await until(() => podsOf('bare').length === 2);
  const [first, second] = podsOf('bare').map(({ metadata }) => metadata);
  expect(first?.labels).toEqual({ app: 'bare' });
  expect(first?.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', name: 'bare', controller: true }]);
  const annotations = { a: '1' };
  cluster.patch('ReplicaSet', 'bare', 'shop', { spec: { template: { metadata: { annotations } } } });
  cluster.remove('Pod', first!.name, 'shop');
  await until(() => podsOf('bare').filter(({ metadata }) => metadata.annotations?.a === '1').length === 1);
  expect(podsOf('bare').map(({ metadata }) => metadata.uid)).toContain(second?.uid);
  cluster.patch('ReplicaSet', 'bare', 'shop', { spec: { replicas: 0 } });
  await until(() => podsOf('bare').length === 0);
});

test('Argo’s Rollouts are not found until their CRD is there, then keep pods through a ReplicaSet', async () => {
  const path = '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts';
  expect((await call(cluster, 'GET', path)).status).toBe(404);
  cluster.create({
    kind: 'CustomResourceDefinition',
    metadata: { name: 'rollouts.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: { kind: 'Rollout', plural: 'rollouts' },
      versions: [{ name: 'v1alpha1', served: true }],
    },
  });
  const body = {
    metadata: { name: 'blue' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'blue' } }, ...spec('blue') },
  };
  expect((await call(cluster, 'POST', path, { body })).status).toBe(201);
  await until(() => podsOf('blue').length === 2);
  await cluster.settled();
  const { body: list } = await call(cluster, 'GET', '/apis/argoproj.io/v1alpha1/rollouts');
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['blue']);
  const [set] = cluster.list('ReplicaSet', 'shop').filter(({ metadata }) => metadata.labels?.app === 'blue');
  expect(set?.metadata.ownerReferences).toMatchObject([{ kind: 'Rollout', name: 'blue', controller: true }]);
  const before = podsOf('blue').map(({ metadata }) => metadata.uid);
  expect(podsOf('blue')[0]?.metadata.ownerReferences?.[0]?.uid).toBe(set?.metadata.uid);
  const patch = { spec: { template: { metadata: { annotations: { a: '1' } } } } };
  await call(cluster, 'PATCH', `${path}/blue`, { body: patch, type: 'application/merge-patch+json' });
  await until(
    () =>
      podsOf('blue').length === 2 && podsOf('blue').every(({ metadata }) => !before.includes(metadata.uid)),
  );
  await call(cluster, 'DELETE', `${path}/blue`);
  await until(() => podsOf('blue').length === 0);
});
