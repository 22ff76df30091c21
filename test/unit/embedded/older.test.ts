import { expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call } from './client.ts';

async function withKubernetes(kubernetes: string, then: (cluster: Embedded) => Promise<void>): Promise<void> {
  const cluster = await startEmbedded({ revision: '', kubernetes });
  try {
    cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
    await then(cluster);
  } finally {
    await cluster.close();
  }
}

/** Whether each is served, as its list answers. */
async function served(cluster: Embedded): Promise<string[]> {
  const lists = [
    'batch/v1/cronjobs',
    'batch/v1beta1/cronjobs',
    'batch/v1/jobs',
    'policy/v1/poddisruptionbudgets',
    'policy/v1beta1/poddisruptionbudgets',
    'autoscaling/v2/horizontalpodautoscalers',
    'autoscaling/v2beta2/horizontalpodautoscalers',
  ];
  const found: string[] = [];
  for (const list of lists) {
    const { status } = await call(cluster, 'GET', `/apis/${list}`);
    if (status === 200) found.push(list.replace(/\/[^/]*$/, ` ${list.split('/')[2] ?? ''}`));
    else expect(status).toBe(404);
  }
  return found;
}

test.each([
  [
    'v1.20.0',
    [
      'batch/v1beta1 cronjobs',
      'batch/v1 jobs',
      'policy/v1beta1 poddisruptionbudgets',
      'autoscaling/v2beta2 horizontalpodautoscalers',
    ],
  ],
  [
    'v1.22.0',
    [
      'batch/v1 cronjobs',
      'batch/v1beta1 cronjobs',
      'batch/v1 jobs',
      'policy/v1 poddisruptionbudgets',
      'policy/v1beta1 poddisruptionbudgets',
      'autoscaling/v2beta2 horizontalpodautoscalers',
    ],
  ],
  [
    'v1.35.4',
    [
      'batch/v1 cronjobs',
      'batch/v1 jobs',
      'policy/v1 poddisruptionbudgets',
      'autoscaling/v2 horizontalpodautoscalers',
    ],
  ],
])('Kubernetes %s serves what it served', (kubernetes, are) =>
  withKubernetes(kubernetes, async (cluster) => {
    expect(await served(cluster)).toEqual(are);
    const { body } = await call(cluster, 'GET', '/apis/batch/v1');
    expect((body.resources as { name: string }[]).map(({ name }) => name)).toEqual(
      are.filter((one) => one.startsWith('batch/v1 ')).map((one) => one.split(' ')[1]),
    );
  }),
);

test('an object is the same in each version that is served, under the name of that version', () =>
  withKubernetes('v1.22.0', async (cluster) => {
    const [older, newer] = ['policy/v1beta1', 'policy/v1'].map(
      (version) => `/apis/${version}/namespaces/shop/poddisruptionbudgets`,
    );
    const budget = { kind: 'PodDisruptionBudget', metadata: { name: 'one' }, spec: { minAvailable: 1 } };
    const body = { ...budget, apiVersion: 'policy/v1beta1' };
    expect(await call(cluster, 'POST', older ?? '', { body })).toMatchObject({ status: 201, body });
    expect(await call(cluster, 'GET', `${newer ?? ''}/one`)).toMatchObject({
      status: 200,
      body: { ...budget, apiVersion: 'policy/v1' },
    });
    expect((await call(cluster, 'GET', older ?? '')).body).toMatchObject({ items: [body] });
    // Of another version than the path.
    expect((await call(cluster, 'POST', newer ?? '', { body })).status).toBe(400);
  }));
