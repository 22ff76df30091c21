import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod, Workload } from '../../../embedded/objects.ts';
import { nextTurn } from '../../../embedded/controllers/deployment.ts';
import { isReady } from '../../../embedded/controllers/pod-status.ts';
import { hashValue } from '../../../embedded/controllers/pods.ts';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
}, 60_000);
afterAll(() => cluster.close());

function workload(kind: string, name: string, spec: object, annotations: object = {}): object {
  const labels = { app: name };
  return {
    kind,
    metadata: { name, namespace: 'shop' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      },
      ...spec,
    },
  };
}

const restart = (
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  annotations: object = { a: '1' },
) => cluster.patch(kind, name, 'shop', { spec: { template: { metadata: { annotations } } } });

const podsOf = (name: string): Pod[] =>
  cluster.list('Pod', 'shop').filter(({ metadata }) => metadata.labels?.app === name);

describe('a Deployment', () => {
  test('gets its pods, which lead back to it by ReplicaSet name and hash', async () => {
    cluster.create(workload('Deployment', 'web', { replicas: 3 }));
    expect(cluster.get('Deployment', 'web', 'shop')?.status).toBeUndefined();
    await cluster.settled();
    const pods = podsOf('web');
    expect(pods).toHaveLength(3);
    for (const { metadata } of pods) {
      const hash = metadata.labels?.['pod-template-hash'];
      const [owner] = metadata.ownerReferences ?? [];
      expect(owner).toMatchObject({ kind: 'ReplicaSet', name: `web-${hash ?? ''}`, controller: true });
    }
    expect(cluster.get('Deployment', 'web', 'shop')?.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
  });

  test('replaces all of them for a new template, and is never short of what it may miss', async () => {
    const before = podsOf('web').map(({ metadata }) => metadata.uid);
    const least: number[] = [];
    restart('Deployment', 'web');
    expect(cluster.get('Deployment', 'web', 'shop')?.status?.observedGeneration).toBe(1);
    const timer = setInterval(() => least.push(podsOf('web').filter(isReady).length), 1);
    await cluster.settled();
    clearInterval(timer);
    expect(podsOf('web').map(({ metadata }) => metadata.uid)).not.toEqual(
      expect.arrayContaining([before[0]]),
    );
    expect(podsOf('web')).toHaveLength(3);
    expect(Math.min(...least)).toBeGreaterThanOrEqual(3);
  });

  test('that is deleted takes its pods along, in the foreground before it goes itself', async () => {
    cluster.remove('Deployment', 'web', 'shop');
    await until(() => podsOf('web').length === 0);
    expect(cluster.get('Deployment', 'web', 'shop')).toBeUndefined();
  });

  test.each([
    { fault: { 'testbed/ready': 'never' }, state: 'running' },
    { fault: { 'testbed/pull': 'fail' }, state: 'waiting' },
  ])('whose pods have the fault $fault keeps its old ones', async ({ fault, state }) => {
    cluster.create(workload('Deployment', 'sick', { replicas: 2 }));
    await cluster.settled();
    restart('Deployment', 'sick', fault);
    await until(() => podsOf('sick').some((pod) => !isReady(pod) && pod.status?.phase !== undefined));
    await until(() =>
      podsOf('sick').some(
        ({ status }) =>
          state in (status?.containerStatuses[0]?.state ?? {}) && !status?.containerStatuses[0]?.ready,
      ),
    );
    const { status } = cluster.get('Deployment', 'sick', 'shop')!;
    expect(status).toMatchObject({
      observedGeneration: 2,
      updatedReplicas: 1,
      availableReplicas: 2,
      replicas: 3,
    });
    cluster.remove('Deployment', 'sick', 'shop');
    await until(() => podsOf('sick').length === 0);
  });
});

test('a StatefulSet replaces one pod after the other, from the last on, under the same name', async () => {
  cluster.create(workload('StatefulSet', 'db', { replicas: 3, serviceName: 'db' }));
  await cluster.settled();
  const before = new Map(podsOf('db').map(({ metadata }) => [metadata.name, metadata.uid]));
  expect([...before.keys()]).toEqual(['db-0', 'db-1', 'db-2']);
  const order: string[] = [];
  restart('StatefulSet', 'db');
  const timer = setInterval(() => {
    for (const { metadata } of podsOf('db')) {
      const replaced = before.get(metadata.name) !== metadata.uid;
      if (replaced && !order.includes(metadata.name)) order.push(metadata.name);
    }
  }, 1);
  await cluster.settled();
  clearInterval(timer);
  expect(order).toEqual(['db-2', 'db-1', 'db-0']);
  const { status } = cluster.get('StatefulSet', 'db', 'shop')!;
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3 });
  expect(status?.currentRevision).toBe(status?.updateRevision);
});

test('a StatefulSet with OnDelete keeps its pods until somebody deletes them', async () => {
  cluster.create(workload('StatefulSet', 'manual', { replicas: 1, updateStrategy: { type: 'OnDelete' } }));
  await cluster.settled();
  const [before] = podsOf('manual');
  restart('StatefulSet', 'manual');
  await until(() => cluster.get('StatefulSet', 'manual', 'shop')?.status?.observedGeneration === 2);
  expect(podsOf('manual').map(({ metadata }) => metadata.uid)).toEqual([before?.metadata.uid]);
  cluster.remove('Pod', 'manual-0', 'shop');
  await cluster.settled();
  expect(podsOf('manual').map(({ metadata }) => metadata.uid)).not.toEqual([before?.metadata.uid]);
});

test('a DaemonSet has a pod on each node, and replaces one at a time', async () => {
  cluster.create(workload('DaemonSet', 'agent', {}));
  await cluster.settled();
  expect(
    podsOf('agent')
      .map(({ spec }) => spec.nodeName)
      .sort(),
  ).toEqual(['node-0', 'node-1', 'node-2']);
  const least: number[] = [];
  restart('DaemonSet', 'agent');
  const timer = setInterval(() => least.push(podsOf('agent').filter(isReady).length), 1);
  await cluster.settled();
  clearInterval(timer);
  expect(Math.min(...least)).toBeGreaterThanOrEqual(2);
  expect(cluster.get('DaemonSet', 'agent', 'shop')?.status).toMatchObject({
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
  });
});

test('a StatefulSet in order waits for a broken old pod, whatever its new template (kubernetes#67250)', async () => {
  cluster.create(workload('StatefulSet', 'stuck', { replicas: 1 }, { 'testbed/ready': 'never' }));
  await until(() => podsOf('stuck').some(({ status }) => status?.phase === 'Running'));
  const [before] = podsOf('stuck');
  restart('StatefulSet', 'stuck', { 'testbed/ready': null });
  await until(() => cluster.get('StatefulSet', 'stuck', 'shop')?.status?.observedGeneration === 2);
  expect(podsOf('stuck').map(({ metadata }) => metadata.uid)).toEqual([before?.metadata.uid]);
  cluster.remove('Pod', 'stuck-0', 'shop');
  await cluster.settled();
});

test('a StatefulSet in parallel heals a broken old pod', async () => {
  const parallel = { replicas: 1, podManagementPolicy: 'Parallel' };
  cluster.create(workload('StatefulSet', 'par', parallel, { 'testbed/ready': 'never' }));
  await until(() => podsOf('par').some(({ status }) => status?.phase === 'Running'));
  restart('StatefulSet', 'par', { 'testbed/ready': null });
  await cluster.settled();
});

test('a Deployment that stands still longer than its deadline says so', async () => {
  const spec = { replicas: 1, progressDeadlineSeconds: 1 };
  cluster.create(workload('Deployment', 'still', spec, { 'testbed/ready': 'never' }));
  const progressing = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  const conditions = () =>
    cluster.get('Deployment', 'still', 'shop')?.status?.conditions as { reason?: string }[] | undefined;
  await until(() => conditions()?.some(({ reason }) => reason === progressing.reason) === true);
  expect(conditions()).toContainEqual(expect.objectContaining(progressing));
  cluster.remove('Deployment', 'still', 'shop');
  await until(() => podsOf('still').length === 0);
});

test('a Deployment with Recreate has no new pod before its last old one has gone', async () => {
  cluster.create(workload('Deployment', 'anew', { replicas: 2, strategy: { type: 'Recreate' } }));
  await cluster.settled();
  const old = podsOf('anew').map(({ metadata }) => metadata.uid);
  restart('Deployment', 'anew');
  await until(() => podsOf('anew').some(({ metadata }) => !old.includes(metadata.uid)));
  expect(podsOf('anew').filter(({ metadata }) => old.includes(metadata.uid))).toEqual([]);
  await cluster.settled();
});

describe('the next turn of a Deployment', () => {
  const of = (replicas: number, paused = false): Workload =>
    ({
      kind: 'Deployment',
      metadata: { name: 'web', uid: 'u' },
      spec: { replicas, paused, template: { spec: { containers: [] } } },
    }) as unknown as Workload;
  const pod = (current: boolean, ready: boolean, of: Workload): Pod =>
    ({
      metadata: { labels: { 'pod-template-hash': current ? hashValue(of) : 'old' } },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    }) as unknown as Pod;

  test.each([
    { replicas: 4, fresh: 0, unready: 0, old: 4, make: 1, end: 1 },
    { replicas: 4, fresh: 1, unready: 0, old: 4, make: 0, end: 2 },
    { replicas: 4, fresh: 0, unready: 1, old: 4, make: 0, end: 1 },
    { replicas: 4, fresh: 0, unready: 2, old: 3, make: 0, end: 0 },
    { replicas: 1, fresh: 0, unready: 0, old: 1, make: 1, end: 0 },
    { replicas: 1, fresh: 0, unready: 1, old: 1, make: 0, end: 0 },
    { replicas: 1, fresh: 1, unready: 0, old: 1, make: 0, end: 1 },
    { replicas: 0, fresh: 2, unready: 0, old: 0, make: 0, end: 2 },
  ])('with $fresh ready and $unready unready new ones, $old old ones, of $replicas', (row) => {
    const own = of(row.replicas);
    const many = (count: number, current: boolean, ready: boolean) =>
      Array.from({ length: count }, () => pod(current, ready, own));
    const pods = [
      ...many(row.fresh, true, true),
      ...many(row.unready, true, false),
      ...many(row.old, false, true),
    ];
    const { make, end } = nextTurn(own, pods);
    expect({ make, end: end.length }).toEqual({ make: row.make, end: row.end });
  });

  test('keeps to the bounds that it is given', () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: '50%' };
    const own = { ...of(4), spec: { ...of(4).spec, strategy: { rollingUpdate } } };
    const { make, end } = nextTurn(
      own,
      Array.from({ length: 4 }, () => pod(false, true, own)),
    );
    expect({ make, end: end.length }).toEqual({ make: 0, end: 2 });
  });

  test('while it is paused: nothing is replaced', () => {
    const own = of(2, true);
    expect(nextTurn(own, [pod(false, true, own), pod(false, true, own)])).toEqual({ make: 0, end: [] });
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
