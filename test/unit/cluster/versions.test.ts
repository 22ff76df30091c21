import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createApi } from '../../../src/cluster/api.ts';
import { type Cluster, createCluster } from '../../../src/cluster/cluster.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import type { Kind } from '../../../src/cluster/resource.ts';

const servers: Server[] = [];
afterEach(() => {
  servers.splice(0).forEach((server) => {
    server.close();
    server.closeAllConnections();
  });
});

/** What the API groups of a cluster serve, by group and version; each list has one object. */
type Served = Readonly<Record<string, readonly string[]>>;

/** Kubernetes 1.20: Jobs are in batch/v1, CronJobs are not, and what the server prefers is no version of ours. */
const OLD: Served = {
  'batch/v1': ['jobs'],
  'batch/v1beta1': ['cronjobs'],
  'autoscaling/v1': ['horizontalpodautoscalers'],
  'autoscaling/v2beta1': ['horizontalpodautoscalers'],
  'autoscaling/v2beta2': ['horizontalpodautoscalers'],
  'policy/v1beta1': ['poddisruptionbudgets'],
};
const NEW: Served = {
  'batch/v1': ['jobs', 'cronjobs'],
  'autoscaling/v2': ['horizontalpodautoscalers'],
  'autoscaling/v1': ['horizontalpodautoscalers'],
  'policy/v1': ['poddisruptionbudgets'],
};

/** A cluster that serves that, and what it was asked. */
async function clusterOf(served: Served): Promise<{ cluster: Cluster; asked: string[]; bodies: object[] }> {
  const [asked, bodies]: [string[], object[]] = [[], []];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => (text += String(piece)));
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      asked.push(`${request.method ?? ''} ${path}`);
      if (text !== '') bodies.push(JSON.parse(text) as object);
      const answer = answerTo(path);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { kind: 'Status', message: 'not found' }));
    });
  });
  function answerTo(path: string): object | undefined {
    const [, group = '', version, ...rest] = path.slice(1).split('/');
    const versions = Object.keys(served).filter((name) => name.startsWith(`${group}/`));
    if (version === undefined)
      return versions.length === 0
        ? undefined
        : { kind: 'APIGroup', versions: versions.map((name) => ({ version: name.split('/')[1] })) };
    const plurals = served[`${group}/${version}`];
    if (rest.length === 0 && plurals !== undefined)
      return { kind: 'APIResourceList', resources: plurals.map((name) => ({ name })) };
    if (plurals?.some((plural) => rest.includes(plural)) !== true || rest.at(-1) === 'none') return undefined;
    const item = { metadata: { name: 'one', namespace: 'shop', resourceVersion: '1' } };
    return plurals.includes(rest.at(-1) ?? '') ? { kind: 'List', items: [item] } : item;
  }
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const text = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: url } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  const api = createApi(readKubeconfig(text, ''), 'test', new AbortController().signal);
  return { cluster: createCluster(api), asked, bodies };
}

const names = async (cluster: Cluster, kind: Kind): Promise<string[]> => {
  const found: string[] = [];
  for await (const { metadata } of cluster.list(kind)) found.push(metadata.name);
  return found;
};

test.each<[Kind, string]>([
  ['CronJob', 'batch/v1beta1/cronjobs'],
  ['HorizontalPodAutoscaler', 'autoscaling/v2beta2/horizontalpodautoscalers'],
  ['PodDisruptionBudget', 'policy/v1beta1/poddisruptionbudgets'],
])(
  '%s is read in the version that an older cluster serves, and what that is asked for once',
  async (kind, at) => {
    const { cluster, asked } = await clusterOf(OLD);
    expect(await names(cluster, kind)).toEqual(['one']);
    const before = asked.length;
    expect(await names(cluster, kind)).toEqual(['one']);
    expect(asked.slice(before)).toEqual([`GET /apis/${at}`]);
  },
);

test('where each kind is in its newest version nothing is asked beside it', async () => {
  const { cluster, asked } = await clusterOf(NEW);
  await names(cluster, 'CronJob');
  await names(cluster, 'PodDisruptionBudget');
  expect(await cluster.get('PodDisruptionBudget', 'none', 'shop')).toBeUndefined();
  expect(asked).toEqual([
    'GET /apis/batch/v1/cronjobs',
    'GET /apis/policy/v1/poddisruptionbudgets',
    'GET /apis/policy/v1/namespaces/shop/poddisruptionbudgets/none',
  ]);
});

test('an object that is not there is not there, in whatever version', async () => {
  for (const served of [OLD, NEW]) {
    const { cluster } = await clusterOf(served);
    expect(await cluster.get('HorizontalPodAutoscaler', 'none', 'shop')).toBeUndefined();
    expect(await cluster.get('HorizontalPodAutoscaler', 'one', 'shop')).toBeDefined();
  }
});

test('lists at once ask once', async () => {
  const { cluster, asked } = await clusterOf(OLD);
  await Promise.all([names(cluster, 'PodDisruptionBudget'), names(cluster, 'PodDisruptionBudget')]);
  expect(asked.filter((line) => line === 'GET /apis/policy')).toHaveLength(1);
});

test('what no version has is not found', async () => {
  const { cluster } = await clusterOf({ 'autoscaling/v1': ['horizontalpodautoscalers'] });
  await expect(names(cluster, 'HorizontalPodAutoscaler')).rejects.toMatchObject({ status: 404 });
  await expect(names(cluster, 'CronJob')).rejects.toMatchObject({ status: 404 });
});

test('what is applied is of the version that it is sent to, and what is removed is found there', async () => {
  const { cluster, asked, bodies } = await clusterOf(OLD);
  const object = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'one', namespace: 'shop' },
  };
  await cluster.apply('PodDisruptionBudget', object, 'istio-operator');
  expect(bodies).toMatchObject([{ apiVersion: 'policy/v1beta1' }]);
  await cluster.remove('HorizontalPodAutoscaler', 'one', 'shop', 'uid');
  await cluster.edit('PodDisruptionBudget', 'one', 'shop', () => ({ metadata: {} }));
  expect(asked.filter((line) => !line.startsWith('GET')).filter((line) => !line.includes('/v2/'))).toEqual([
    'PATCH /apis/policy/v1beta1/namespaces/shop/poddisruptionbudgets/one',
    'DELETE /apis/autoscaling/v2beta2/namespaces/shop/horizontalpodautoscalers/one',
    'PATCH /apis/policy/v1beta1/namespaces/shop/poddisruptionbudgets/one',
  ]);
});
