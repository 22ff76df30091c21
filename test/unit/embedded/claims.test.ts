import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call } from './client.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
}, 60_000);
afterAll(() => cluster.close());

const template = {
  metadata: { labels: { app: 'db' } },
  spec: {
    containers: [{ name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
  },
};

test('a StatefulSet’s pods mount claims that are made and bound for them, and outlive it (M20)', async () => {
  cluster.create({
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'shop' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'db' } },
      template,
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
    },
  });
  await cluster.settled();
  const pods = cluster.list('Pod', 'shop');
  expect(pods.map(({ spec }) => spec.volumes)).toEqual([
    [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }],
    [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }],
  ]);
  const claims = cluster.list('PersistentVolumeClaim', 'shop');
  expect(claims.map(({ metadata, status }) => [metadata.name, status])).toEqual([
    ['data-db-0', { phase: 'Bound' }],
    ['data-db-1', { phase: 'Bound' }],
  ]);
  cluster.remove('StatefulSet', 'db', 'shop');
  expect(cluster.list('PersistentVolumeClaim', 'shop')).toHaveLength(2);
});

test('a pod whose containers mount what is no volume of it is refused (M20)', async () => {
  const { status, body } = await call(cluster, 'POST', '/api/v1/namespaces/shop/pods?dryRun=All', {
    body: { ...template, metadata: { ...template.metadata, name: 'bare' } },
  });
  expect({ status, message: body.message }).toEqual({
    status: 422,
    message: 'Pod "bare" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "data"',
  });
});
