import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Cluster, WatchEvent } from '../../../src/cluster/cluster.ts';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import type { Finding } from '../../../src/finding.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Workload } from '../../../src/istio/mesh.ts';
import type { Context } from '../../../src/steps/context.ts';
import { restartWorkloads } from '../../../src/steps/restart-workloads.ts';
import { NEW, OLD, mesh, pod, view, workload } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** A Deployment of one pod, ready or not, as it is after so many restarts. */
const deployment = (name: string, generation: number, isReady: boolean): WorkloadObject =>
  ({
    metadata: { name, namespace: 'shop', uid: name, generation },
    spec: { replicas: 1, template: { metadata: {} } },
    status: {
      observedGeneration: generation,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas: isReady ? 1 : 0,
    },
  }) as unknown as WorkloadObject;

/** Restarts so many Deployments, each of which gets ready some turns after it was patched. */
async function restart(count: number, maxParallel: number | undefined) {
  const names = Array.from({ length: count }, (_, index) => `w${String(index)}`);
  const asked = { edits: 0, lists: 0, watches: 0, most: 0 };
  const events: WatchEvent<WorkloadObject>[] = [];
  let underWay = 0;
  const cluster = {
    edit: async (
      _kind: string,
      name: string,
      _namespace: string,
      decide: (item: WorkloadObject) => unknown,
    ) => {
      asked.edits++;
      asked.most = Math.max(asked.most, ++underWay);
      expect(decide(deployment(name, 1, true))).toBeDefined();
      void turn().then(() => events.push({ type: 'MODIFIED', object: deployment(name, 2, true) }));
      return Promise.resolve({ changed: true, object: deployment(name, 2, false) });
    },
    listForWatch: () => {
      asked.lists++;
      return Promise.resolve({ items: names.map((name) => deployment(name, 1, true)), version: '1' });
    },
    watch: async function* (_kind: string, _options: object, signal: AbortSignal) {
      asked.watches++;
      while (!signal.aborted) {
        await turn();
        for (const event of events.splice(0)) {
          underWay--;
          yield event;
        }
      }
    },
  } as unknown as Cluster;
  const behind = view({
    planes: [],
    namespaces: { shop: {} },
    workloads: names.map((name) => workload(`shop/${name}`)),
    pods: names.map((name) => pod(`shop/${name}-1`, OLD.revision)),
  });
  const report = emptyReport({});
  const context = {
    inputs: { maxParallel },
    cluster,
    upgrade: behind.upgrade,
    report,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    observe: () => Promise.resolve(mesh({ planes: [], namespaces: { shop: {} } })),
  } as unknown as Context;
  const step = restartWorkloads(
    () => NEW,
    () =>
      ({ revision }) =>
        revision === OLD.revision,
  );
  const said = await step.run(context, behind);
  return { asked, said, restarted: report.workloadsRestarted.length };
}

describe('restarting workloads', () => {
  test('asks for each once, and lists and watches once for all (issue 15)', async () => {
    const { asked, said, restarted } = await restart(150, undefined);
    expect(said).toBe('150 workloads restarted and ready');
    expect(restarted).toBe(150);
    expect(asked).toMatchObject({ edits: 150, lists: 1, watches: 1 });
  });

  test.each([
    ['was broken before', 'canary', ['Deployment shop/w'], /Mend it.*allow-stragglers: shop\/w\.$/],
    ['something else decides about', 'promote', [], /Look at who owns it.*allow-stragglers: shop\/w\.$/],
    ['something else decides about', 'rollback', [], /Look at who owns it, and change that there\.$/],
  ] as const)('tells of a workload that %s, in %s', async (_, phase, troubled, remedy) => {
    const spec = {
      planes: [],
      namespaces: { shop: {} },
      workloads: [workload('shop/w')],
      pods: [pod('shop/w-1', NEW.revision)],
    };
    const decided = view(spec, {
      before: { ...NOTHING_BEFORE, troubled: new Set(troubled) },
    });
    const done = { changed: true, object: deployment('w', 2, true) };
    const context = {
      inputs: {},
      cluster: {
        edit: () => Promise.resolve(done),
        listForWatch: () => Promise.resolve({ items: [done.object], version: '1' }),
        watch: async function* () {
          await turn();
          yield { type: 'MODIFIED', object: done.object };
        },
      },
      upgrade: decided.upgrade,
      report: emptyReport({ phase }),
      log: silentLogger,
      signal: new AbortController().signal,
      remainingMs: () => 60_000,
      observe: () => Promise.resolve(mesh(spec)),
    } as unknown as Context;
    const step = restartWorkloads(
      () => OLD,
      () =>
        ({ revision }) =>
          revision === NEW.revision,
    );
    await expect(step.run(context, decided)).rejects.toMatchObject({
      findings: [{ id: 'restart-without-effect', remedy: expect.stringMatching(remedy) as unknown }],
    });
  });

  test('has no more under way than max-parallel says', async () => {
    const { asked } = await restart(12, 3);
    expect(asked.most).toBe(3);
  });
});

/** Restarts workloads one by one, each of which gets ready after so many milliseconds, or never; in what time there is. */
async function inTime(
  budgetMs: number,
  ready: Readonly<Record<string, number | 'never'>>,
  changes: Readonly<Record<string, Partial<Workload>>> = {},
) {
  const names = Object.keys(ready);
  const events: WatchEvent<WorkloadObject>[] = [];
  const begun: string[] = [];
  const spec = {
    planes: [],
    namespaces: { shop: {} },
    workloads: names.map((name) => workload(`shop/${name}`, changes[name])),
    pods: names.map((name) => pod(`shop/${name}-1`, OLD.revision)),
  };
  const decided = view(spec);
  const startedAt = Date.now();
  const context = {
    inputs: { maxParallel: 1 },
    cluster: {
      edit: (_kind: string, name: string) => {
        begun.push(name);
        const wait = ready[name] ?? 'never';
        if (wait !== 'never')
          void sleep(wait).then(() => events.push({ type: 'MODIFIED', object: deployment(name, 2, true) }));
        return Promise.resolve({ changed: true, object: deployment(name, 2, false) });
      },
      get: () => Promise.resolve(undefined),
      listForWatch: () =>
        Promise.resolve({ items: names.map((name) => deployment(name, 1, true)), version: '1' }),
      watch: async function* (_kind: string, _options: object, signal: AbortSignal) {
        while (!signal.aborted) {
          await sleep(2);
          yield* events.splice(0);
        }
      },
    },
    upgrade: decided.upgrade,
    report: emptyReport({}),
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => Math.max(budgetMs - (Date.now() - startedAt), 0),
    observe: () => Promise.resolve(mesh({ planes: [], namespaces: { shop: {} } })),
  } as unknown as Context;
  const step = restartWorkloads(
    () => NEW,
    () =>
      ({ revision }) =>
        revision === OLD.revision,
  );
  const said: unknown = await step.run(context, decided).catch((error: unknown) => error);
  const { findings = [] } = said as { findings?: readonly Finding[] };
  return {
    begun,
    said: typeof said === 'string' ? said : '',
    findings: findings.map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`.trim()),
    first: findings[0]?.message,
  };
}

describe('when the time of the run ends', () => {
  test('no workload is begun that could not end any more, and that is said, not blamed on any', async () => {
    const { begun, findings, first } = await inTime(500, { a: 200, b: 200, c: 10, d: 10 });
    expect(begun).toEqual(['a', 'b']);
    expect(findings).toEqual(['error out-of-time']);
    expect(first).toBe('the time of this run does not do for another restart; 2 more are to be restarted');
  });

  test('gateways, which come last, are left, too', async () => {
    const { begun, first } = await inTime(
      500,
      { a: 200, b: 200, c: 10, gate: 10 },
      { gate: { gateway: 'injected' } },
    );
    expect(begun).toEqual(['a', 'b']);
    expect(first).toContain('2 more are to be restarted');
  });

  test('how long one of many pods took says nothing of one with fewer', async () => {
    const rollout = { done: true, desired: 12, updated: 12, available: 12, message: '' };
    const { said } = await inTime(
      900,
      { slow: 500, gate: 10 },
      { slow: { rollout }, gate: { gateway: 'injected' } },
    );
    expect(said).toBe('2 workloads restarted and ready');
  });

  test('a workload that was begun late is under way, and not broken', async () => {
    const { findings, first } = await inTime(300, { a: 20, b: 'never', c: 20 });
    expect(findings).toEqual(['error out-of-time', 'warning workload-not-ready Deployment shop/b']);
    expect(first).toBe(
      'the time of this run ended while 1 workloads were restarting; 1 more are to be restarted',
    );
  });

  test('one that had all the time there was is what was not ready', async () => {
    expect(await inTime(300, { a: 'never' })).toMatchObject({
      findings: ['error workload-not-ready Deployment shop/a'],
    });
  });

  test('in a short run all are restarted that can be', async () => {
    expect((await inTime(1_000, { a: 20, b: 20, c: 20, d: 20 })).said).toBe(
      '4 workloads restarted and ready',
    );
  });
});
