import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call, until } from './client.ts';

const GATEWAYS = '/apis/gateway.networking.k8s.io/v1/namespaces/edge/gateways';
const REV = 'istio.io/rev';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: 'default' });
  cluster.create({
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gateways.gateway.networking.k8s.io' },
    spec: {
      group: 'gateway.networking.k8s.io',
      scope: 'Namespaced',
      names: { kind: 'Gateway', plural: 'gateways' },
      versions: [{ name: 'v1', served: true }],
    },
  });
  cluster.create({ kind: 'Namespace', metadata: { name: 'edge' } });
  const body = {
    metadata: { name: 'web' },
    spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80 }] },
  };
  expect((await call(cluster, 'POST', GATEWAYS, { body })).status).toBe(201);
}, 60_000);
afterAll(() => cluster.close());

const made = () => cluster.get('Deployment', 'web-istio', 'edge');
const writer = () => made()?.spec.template.metadata?.annotations?.[REV];
const generation = () => made()?.metadata.generation ?? 0;
const label = (labels: Record<string, string | null>) =>
  call(cluster, 'PATCH', `${GATEWAYS}/web`, {
    type: 'application/merge-patch+json',
    body: { metadata: { labels } },
  });

/** What the testbed's istiods were seen to do. */
test('istiod makes Deployment, Service and ServiceAccount, which ask it', async () => {
  await until(() => writer() === 'default');
  expect(made()?.metadata.labels).toEqual({
    'gateway.istio.io/managed': 'istio.io-gateway-controller',
    'gateway.networking.k8s.io/gateway-class-name': 'istio',
    'gateway.networking.k8s.io/gateway-name': 'web',
  });
  expect(made()?.spec.template.spec.containers).toMatchObject([
    { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.3' },
  ]);
  await until(() => cluster.get('Service', 'web-istio', 'edge') !== undefined);
  await cluster.settled();
});

test('a label of the Gateway goes on to its pods, and rolls them once', async () => {
  const before = generation();
  await label({ [REV]: 'default' });
  await until(() => made()?.spec.template.metadata?.labels?.[REV] === 'default');
  await cluster.settled();
  expect(generation()).toBe(before + 1);
});

test('a second istiod lets it be until its label leads there; the Service stays', async () => {
  const { code, stderr } = await cluster.istioctl(
    '1.31.0',
    ...['install', '--set', 'profile=minimal', '--revision', '1-31-0', '-y'],
  );
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  await cluster.settled();
  const service = cluster.get('Service', 'web-istio', 'edge')?.metadata.uid;
  expect(writer()).toBe('default');
  await label({ [REV]: '1-31-0' });
  await until(() => writer() === '1-31-0');
  await cluster.settled();
  expect(cluster.get('Service', 'web-istio', 'edge')?.metadata.uid).toBe(service);
});

test('H19: two that both take it for their own roll it in turn without end', async () => {
  const tag = ['tag', 'set', 'default', '--revision', '1-31-0', '--overwrite', '-y'];
  expect((await cluster.istioctl('1.31.0', ...tag)).code).toBe(0);
  await label({ [REV]: null });
  const before = generation();
  await until(() => generation() > before + 10);
  await label({ [REV]: '1-31-0' });
  await until(() => made()?.spec.template.metadata?.labels?.[REV] === '1-31-0');
  await cluster.settled();
});

test('what was made goes with its Gateway', async () => {
  await call(cluster, 'DELETE', `${GATEWAYS}/web`);
  await until(() => made() === undefined && cluster.list('Pod', 'edge').length === 0);
  expect(cluster.get('Service', 'web-istio', 'edge')).toBeUndefined();
});
