import { describe, expect, test } from '@jest/globals';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import type { Context } from '../../../src/steps/context.ts';
import { silentLogger } from '../../../src/log.ts';
import { verifyProxies } from '../../../src/steps/verify-proxies.ts';
import { type MeshSpec, NEW, OLD, mesh, pod, view, workload } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** Runs the step with no time to wait in, while istiod answers one thing after the other. */
function verify(...answers: readonly ('synced' | 'stale')[]): Promise<string> {
  const queue = [...answers];
  const spec = { planes: [], namespaces: { a: {} }, pods: [pod('a/p', NEW.revision)] };
  const seen = mesh(spec);
  const decided = view(spec);
  const istioctl = {
    proxyStatus: () => {
      const sync = queue.shift() ?? 'stale';
      const proxy = { name: 'p', namespace: 'a', version: NEW.version, istiod: 'i', sync, detail: '' };
      return Promise.resolve({ readable: true, proxies: [proxy], istiods: ['i'] });
    },
  };
  const context = {
    istioctl: { to: { istioctl }, from: { istioctl } },
    upgrade: decided.upgrade,
    report: emptyReport({}),
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 0,
    observe: () => Promise.resolve(seen),
  } as unknown as Context;
  return verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false })).run(context, decided);
}

test('what is proved by the last look, when the time is up, is told as what is proved before', async () => {
  const before = await verify('synced');
  expect(before).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
  expect(await verify('stale', 'synced')).toBe(before);
});

test('proxies that keep their image are counted as connected, and not as of the version that is wanted', async () => {
  const pods = [
    pod('a/p', OLD.revision),
    pod('a/q', OLD.revision, { version: NEW.version, keepsImage: true }),
  ];
  expect(await waitsFor({ pods }, undefined)).toBe(
    '2 proxies are on 1-30-3, connected and in sync: 1 of 1.30.3, 1 with an image of their own',
  );
});

test('what the last look does not prove fails', async () => {
  await expect(verify('stale', 'stale')).rejects.toThrow(/not in sync/);
});

/** Runs the step with time enough, while istiod says that all is in sync. */
function waitsFor(
  changes: Partial<MeshSpec>,
  there: object | undefined,
  patienceMs = 1_200,
  mayBeNone = true,
  remainingMs = 60_000,
): Promise<string> {
  const spec: MeshSpec = { planes: [], namespaces: { a: {} }, ...changes };
  const seen = mesh(spec);
  const proxies = seen.pods.map(({ namespace, name }) => ({ namespace, name, sync: 'synced', detail: '' }));
  const istioctl = { proxyStatus: () => Promise.resolve({ readable: true, proxies, istiods: ['i'] }) };
  const decided = view(spec);
  const context = {
    cluster: { get: () => Promise.resolve(there) },
    istioctl: { to: { istioctl }, from: { istioctl } },
    upgrade: decided.upgrade,
    report: emptyReport({}),
    log: silentLogger,
    signal: AbortSignal.timeout(patienceMs),
    remainingMs: () => remainingMs,
    observe: () => Promise.resolve(seen),
  } as unknown as Context;
  return verifyProxies(() => ({ side: 'from', mayBeNone, asksOther: false })).run(context, decided);
}

describe('what would never come is told at once, and not waited for', () => {
  const done = {
    metadata: { generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  };
  const moved = { pods: [pod('a/p-1', NEW.revision, { injectedBy: [] })], workloads: [] };

  test('a workload that nothing injects any more, with the label to put back', async () => {
    await expect(waitsFor(moved, done)).rejects.toMatchObject({
      findings: [
        {
          id: 'restart-loses-sidecar',
          object: 'Namespace a',
          remedy: expect.stringContaining(
            `kubectl label namespace a istio-injection- istio.io/rev=${OLD.revision} --overwrite`,
          ) as unknown,
        },
      ],
    });
  });

  test('a pod that nobody owns, and a workload whose rollout leaves it', async () => {
    const alone = { pods: [pod('a/p-1', NEW.revision, { owner: undefined })], workloads: [] };
    await expect(waitsFor(alone, undefined)).rejects.toMatchObject({
      findings: [{ id: 'pod-will-not-move', object: 'Pod a/p-1' }],
    });
    const held = { pods: [pod('a/p-1', NEW.revision)], workloads: [workload('a/p', { partition: 1 })] };
    await expect(waitsFor(held, done)).rejects.toMatchObject({
      findings: [{ id: 'workload-will-not-move', object: 'Deployment a/p' }],
    });
  });

  test('a Job may end by itself, so it gets some time before it is told', async () => {
    const job = {
      pods: [pod('a/p-1', NEW.revision, { owner: { kind: 'Job', name: 'once' } })],
      workloads: [],
    };
    await expect(waitsFor(job, undefined)).rejects.toThrow(/timeout|aborted/i);
    await expect(waitsFor(job, undefined, 10_000)).rejects.toMatchObject({
      findings: [
        {
          id: 'pod-will-not-move',
          object: 'Pod a/p-1',
          remedy: 'Wait until the Job has ended, or remove its pod (`kubectl delete pod p-1 -n a`).',
        },
      ],
    });
  }, 15_000);

  test('what another controller made is not waited for: nobody here may restart it', async () => {
    const odd = {
      pods: [pod('a/p-1', NEW.revision, { owner: { kind: 'CloneSet', name: 'c' } })],
      workloads: [],
    };
    await expect(waitsFor(odd, undefined)).rejects.toMatchObject({
      findings: [{ id: 'pod-will-not-move', object: 'Pod a/p-1' }],
    });
  });

  test('where the last workload that could show it is deleted, nothing is waited for, and nothing claimed', async () => {
    const told = {
      findings: [{ id: 'proxies-not-seen', remedy: expect.stringContaining('choose another') }],
    };
    await expect(waitsFor({ pods: [] }, undefined, 10_000, false)).rejects.toMatchObject(told);
    const coming = { pods: [], workloads: [workload('a/p')] };
    await expect(waitsFor(coming, undefined, 6_000, false)).rejects.toThrow(/timeout|aborted/i);
    const none = {
      pods: [],
      workloads: [workload('a/p', { rollout: { ...workload('a/p').rollout, desired: 0 } })],
    };
    await expect(waitsFor(none, undefined, 10_000, false)).rejects.toMatchObject(told);
  }, 30_000);

  test.each([
    ['is deleted', undefined],
    ['still rolls', { ...done, status: { ...done.status, replicas: 2 } }],
  ])('a workload that %s takes its pods with it: that is waited for', async (_, there) => {
    await expect(waitsFor(moved, there)).rejects.toThrow(/timeout|aborted/i);
  });

  test('a rollout that its controller has given up on ends nothing: what nothing injects is told', async () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    const stuck = { ...done, status: { ...done.status, replicas: 2, conditions } };
    await expect(waitsFor(moved, stuck)).rejects.toMatchObject({
      findings: [{ id: 'restart-loses-sidecar', object: 'Namespace a' }],
    });
  });

  test('one that still rolls when the time is up is told with the label to put back', async () => {
    const rolls = { ...done, status: { ...done.status, replicas: 2 } };
    await expect(waitsFor(moved, rolls, 5_000, true, 0)).rejects.toMatchObject({
      findings: [{ id: 'restart-loses-sidecar', object: 'Namespace a' }, { object: 'Pod a/p-1' }],
    });
  });
});

describe('who was broken before and gets well while it is looked', () => {
  const rollout = { done: false, desired: 1, updated: 0, available: 0, message: '0 of 1 replicas are new' };
  const well = workload('a/web', { injectedBy: [NEW.revision] });
  const ill = { ...well, rollout };
  const moved = pod('a/web-2', NEW.revision);
  const left = pod('a/web-1', OLD.revision);
  const other = pod('a/p', NEW.revision);

  /** Looks at one mesh after the other, while a restart moves what it is asked for, or leaves it. */
  async function looks(...seen: readonly Pick<MeshSpec, 'workloads' | 'pods'>[]) {
    const spec = (changes: Partial<MeshSpec>): MeshSpec => ({
      planes: [],
      namespaces: { a: {} },
      ...changes,
    });
    const queue = seen.map((changes) => mesh(spec(changes)));
    const asked = { status: 0, looks: 0 };
    const proxyStatus = () => {
      asked.status++;
      const proxies = [other, moved].map(({ namespace, name }) => ({
        namespace,
        name,
        version: NEW.version,
        istiod: 'i',
        sync: 'synced',
        detail: '',
      }));
      return Promise.resolve({ readable: true, proxies, istiods: ['i'] });
    };
    const decided = view(spec(seen[0] ?? {}), {
      before: { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/web']) },
    });
    const context = {
      cluster: { get: () => Promise.resolve(undefined) },
      istioctl: { to: { istioctl: { proxyStatus } }, from: { istioctl: { proxyStatus } } },
      upgrade: decided.upgrade,
      report: emptyReport({}),
      log: silentLogger,
      signal: AbortSignal.timeout(3_000),
      remainingMs: () => 4_000,
      observe: () => {
        asked.looks++;
        return Promise.resolve((queue.length > 1 ? queue.shift() : queue[0]) ?? mesh(spec({})));
      },
    } as unknown as Context;
    const step = verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false }));
    const said: unknown = await step.run(context, decided).catch((error: unknown) => error);
    return { said, asked };
  }

  test('as long as it is not well it is left, and nothing more is asked', async () => {
    const { said, asked } = await looks({ workloads: [ill], pods: [other, left] });
    expect(said).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
    expect(asked).toEqual({ status: 1, looks: 1 });
  });

  test('that is well for a moment alone is left, too', async () => {
    const stays = { workloads: [well], pods: [other, left] };
    const { said } = await looks(stays, stays, stays, { workloads: [ill], pods: [other, left] });
    expect(said).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
  });

  test('that is well, and stays behind, has no excuse', async () => {
    const { said } = await looks({ workloads: [well], pods: [other, left] });
    expect(said).toMatchObject({ findings: [{ id: 'proxy-behind', object: 'Pod a/web-1' }] });
  });
});
