import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call, until } from './client.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
}, 60_000);
afterAll(() => cluster.close());

/** Takes the finalizer off what holds a namespace. */
const release = (namespace: string): Promise<unknown> =>
  call(cluster, 'PATCH', `/api/v1/namespaces/${namespace}/configmaps/claim`, {
    body: { metadata: { finalizers: null } },
    type: 'application/merge-patch+json',
  });

test('a namespace that is deleted ends with all that is in it, and takes nothing new meanwhile (M41)', async () => {
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  const spec = { selector: { matchLabels: labels }, template };
  cluster.create({ kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' }, spec });
  // However slow this machine is, it is still ending when it is looked at.
  const held = { name: 'claim', namespace: 'shop', finalizers: ['example.com/hold'] };
  cluster.create({ kind: 'ConfigMap', metadata: held, data: {} });
  await cluster.settled();
  expect((await call(cluster, 'DELETE', '/api/v1/namespaces/shop')).status).toBe(200);
  const body = { metadata: { name: 'late' }, data: {} };
  const late = await call(cluster, 'POST', '/api/v1/namespaces/shop/configmaps', { body });
  expect({ status: late.status, message: late.body.message }).toEqual({
    status: 403,
    message:
      'configmaps "late" is forbidden: unable to create new content in namespace shop because it is being terminated',
  });
  const namespace = cluster.get('Namespace', 'shop');
  expect(namespace?.status).toEqual({ phase: 'Terminating' });
  expect(namespace?.metadata.deletionTimestamp).toBeDefined();
  await release('shop');
  await until(() => cluster.get('Namespace', 'shop') === undefined);
  expect(cluster.snapshot().filter(({ metadata }) => metadata.namespace === 'shop')).toEqual([]);
});

test('what has a finalizer holds its namespace, until that is taken off (M41)', async () => {
  cluster.create({ kind: 'Namespace', metadata: { name: 'held' } });
  const metadata = { name: 'claim', namespace: 'held', finalizers: ['example.com/hold'] };
  cluster.create({ kind: 'ConfigMap', metadata, data: {} });
  cluster.create({ kind: 'ConfigMap', metadata: { name: 'free', namespace: 'held' }, data: {} });
  await call(cluster, 'DELETE', '/api/v1/namespaces/held');
  await until(() => cluster.get('ConfigMap', 'free', 'held') === undefined);
  expect(cluster.get('Namespace', 'held')?.status).toEqual({ phase: 'Terminating' });
  await release('held');
  await until(() => cluster.get('Namespace', 'held') === undefined);
});

test('a namespace of the system can’t be deleted', async () => {
  const { status, body } = await call(cluster, 'DELETE', '/api/v1/namespaces/kube-system');
  expect({ status, message: body.message }).toEqual({
    status: 403,
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  });
});

test('who wrote a namespace’s labels and annotations is told by managedFields (M28)', async () => {
  const path = '/api/v1/namespaces';
  await call(cluster, 'POST', path, { body: { metadata: { name: 'kept', labels: { a: '1', b: '1' } } } });
  const body = { metadata: { labels: { b: '2' }, annotations: { c: '1' } } };
  const type = 'application/merge-patch+json';
  await call(cluster, 'PATCH', `${path}/kept?fieldManager=argocd-controller`, { body, type });
  expect(cluster.get('Namespace', 'kept')?.metadata.managedFields).toMatchObject([
    {
      manager: 'unit-test',
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {} } } },
    },
    {
      manager: 'argocd-controller',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:b': {} }, 'f:annotations': { 'f:c': {} } } },
    },
  ]);
  const gone = { metadata: { labels: { a: null } } };
  await call(cluster, 'PATCH', `${path}/kept?fieldManager=x`, { body: gone, type });
  expect(
    cluster.get('Namespace', 'kept')?.metadata.managedFields?.map(({ manager }) => manager),
  ).not.toContain('x');
  expect(JSON.stringify(cluster.get('Namespace', 'kept')?.metadata.managedFields)).not.toContain('"f:a"');
});
