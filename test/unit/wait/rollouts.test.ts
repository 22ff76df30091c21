import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { awaitRollouts } from '../../../src/wait/rollouts.ts';
import type { Logger } from '../../../src/log.ts';

const WORKLOAD = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;

const deployment = (ready: number): WorkloadObject =>
  ({
    metadata: { name: 'cart', namespace: 'shop', generation: 1 },
    spec: { replicas: 1, template: {} },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  }) as unknown as WorkloadObject;

/** A cluster whose watches end in each of these ways, one after the other; then the list shows that all is ready. */
function clusterOf(watches: readonly (() => AsyncIterable<unknown>)[]): {
  cluster: Cluster;
  lists: () => number;
} {
  const left = [...watches];
  let lists = 0;
  const cluster = {
    listForWatch: () => {
      lists++;
      return Promise.resolve({ items: [deployment(left.length === 0 ? 1 : 0)], version: '1' });
    },
    watch: () => left.shift()!(),
  } as unknown as Cluster;
  return { cluster, lists: () => lists };
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* fails(error: unknown): AsyncIterable<unknown> {
  throw error;
}
// eslint-disable-next-line @typescript-eslint/require-await
async function* says(...events: readonly unknown[]): AsyncIterable<unknown> {
  yield* events;
}

const wait = (cluster: Cluster) => ({
  cluster,
  log: { info: () => undefined } as unknown as Logger,
  timeoutMs: 60_000,
  signal: new AbortController().signal,
});

describe('waiting for rollouts', () => {
  test.each([
    ['reset', () => fails(new ApiError('watch', 0, 'Unreachable', 'reset'))],
    ['cut in the middle', () => fails(new TypeError('terminated'))],
    ['told that its version has expired, by status', () => fails(new ApiError('watch', 410, 'Expired', ''))],
    ['told so by an event', () => says({ type: 'ERROR', object: { code: 410 } })],
    ['refused as one too many', () => fails(new ApiError('watch', 429, '', ''))],
    ['refused by a server in trouble', () => fails(new ApiError('watch', 503, '', ''))],
    ['ended', () => says()],
  ])('a watch that is %s is opened anew after a list', async (_, watch) => {
    const { cluster, lists } = clusterOf([watch]);
    expect(await awaitRollouts([WORKLOAD], wait(cluster))).toEqual([]);
    expect(lists()).toBe(2);
  });

  test('what no waiting will mend ends it', async () => {
    const refused = new ApiError('watch deployments', 403, 'Forbidden', 'no');
    const { cluster } = clusterOf([() => fails(refused)]);
    await expect(awaitRollouts([WORKLOAD], wait(cluster))).rejects.toBe(refused);
  });

  test('a workload that is deleted before it was looked at is not waited for', async () => {
    const cluster = {
      listForWatch: () => Promise.resolve({ items: [], version: '1' }),
    } as unknown as Cluster;
    expect(await awaitRollouts([WORKLOAD], wait(cluster))).toEqual([]);
  });

  test('M33: past its own deadline a Deployment is given up at once, in its own words', async () => {
    const late = deployment(0) as { status: object };
    late.status = {
      ...late.status,
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
      ],
    };
    const cluster = {
      listForWatch: () => Promise.resolve({ items: [late], version: '1' }),
    } as unknown as Cluster;
    expect(await awaitRollouts([WORKLOAD], wait(cluster))).toMatchObject([
      { id: 'workload-stuck', object: 'Deployment shop/cart' },
    ]);
  });

  test('M33: a StatefulSet that waits for a broken pod of an older template is told with the pod to delete', async () => {
    const set = {
      metadata: { name: 'db', namespace: 'shop', generation: 2 },
      spec: { replicas: 1, template: {}, selector: { matchLabels: { app: 'db' } } },
      status: { observedGeneration: 2, replicas: 1, updatedReplicas: 0, updateRevision: 'db-new' },
    };
    const broken = {
      metadata: { name: 'db-0', labels: { app: 'db', 'controller-revision-hash': 'db-old' } },
      spec: {},
      status: { phase: 'Pending' },
    };
    const cluster = {
      listForWatch: () => Promise.resolve({ items: [set], version: '1' }),
      get: () => Promise.resolve(set),
      // eslint-disable-next-line @typescript-eslint/require-await
      list: async function* () {
        yield broken;
      },
      watch: () => says(),
    } as unknown as Cluster;
    const stuck = await awaitRollouts(
      [{ kind: 'StatefulSet', namespace: 'shop', name: 'db' }],
      wait(cluster),
    );
    expect(stuck).toMatchObject([{ id: 'workload-stuck', object: 'StatefulSet shop/db' }]);
    expect(stuck[0]?.remedy).toContain('kubectl delete pod db-0 -n shop');
  });
});
