import { describe, expect, test } from '@jest/globals';
import type { Cluster, WatchEvent } from '../../../src/cluster/cluster.ts';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import type { Logger } from '../../../src/log.ts';
import { RolloutWatch } from '../../../src/wait/rollouts.ts';

const item = (name: string) => ({ kind: 'Deployment', namespace: 'shop', name }) as const;

/** A Deployment of one pod at a generation: ready, or on its way. */
const deployment = (name: string, generation: number, isReady: boolean, uid = `${name}-1`): WorkloadObject =>
  ({
    metadata: { name, namespace: 'shop', uid, generation },
    spec: { replicas: 1, template: {} },
    status: {
      observedGeneration: generation,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas: isReady ? 1 : 0,
    },
  }) as unknown as WorkloadObject;

/** A cluster that lists what it is given, and whose one watch says what the test says. */
function shop(...items: readonly WorkloadObject[]) {
  const asked: string[] = [];
  const events: WatchEvent<WorkloadObject>[] = [];
  let more = Promise.withResolvers<undefined>();
  const cluster = {
    listForWatch: () => {
      asked.push('list');
      return Promise.resolve({ items, version: '1' });
    },
    watch: async function* (_kind: string, _options: object, signal: AbortSignal) {
      asked.push('watch');
      const ended = new Promise<undefined>((resolve) =>
        signal.addEventListener('abort', () => resolve(undefined)),
      );
      while (!signal.aborted) {
        yield* events.splice(0);
        if (events.length === 0) await Promise.race([more.promise, ended]);
      }
    },
  } as unknown as Cluster;
  const say = (type: 'MODIFIED' | 'DELETED', object: WorkloadObject): void => {
    events.push({ type, object });
    more.resolve(undefined);
    more = Promise.withResolvers();
  };
  const run = new AbortController();
  const log = { info: () => undefined } as unknown as Logger;
  return { asked, say, run, wait: { cluster, log, signal: run.signal } };
}

const LONG_MS = 60_000;

describe('the rollouts of many workloads', () => {
  test('are followed by one list and one watch, however many and whenever they begin', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const { asked, say, wait } = shop(...names.map((name) => deployment(name, 1, true)));
    const watch = new RolloutWatch(names.map(item), wait);
    for (const name of names) {
      const ended = watch.ended(item(name), LONG_MS, deployment(name, 2, false));
      say('MODIFIED', deployment(name, 2, true));
      expect(await ended).toEqual([]);
    }
    watch.close();
    expect(asked).toEqual(['list', 'watch']);
  });

  test('what was seen of one before it was changed says nothing', async () => {
    const { say, wait } = shop(deployment('a', 1, true), deployment('b', 1, true));
    const watch = new RolloutWatch([item('a'), item('b')], wait);
    let ended = false;
    const waiting = watch.ended(item('a'), LONG_MS, deployment('a', 2, false)).then(() => (ended = true));
    say('MODIFIED', deployment('a', 1, true));
    const other = watch.ended(item('b'), LONG_MS, deployment('b', 2, false));
    say('MODIFIED', deployment('b', 2, true));
    await other;
    expect(ended).toBe(false);
    say('MODIFIED', deployment('a', 2, true));
    await waiting;
    watch.close();
  });

  test('one that was through, gone or replaced before it was asked for is not waited for', async () => {
    const names = ['a', 'b', 'c'];
    const { say, wait } = shop(...names.map((name) => deployment(name, 1, true)));
    const watch = new RolloutWatch(names.map(item), wait);
    const first = watch.ended(item('a'), LONG_MS, deployment('a', 2, false));
    say('MODIFIED', deployment('b', 2, true));
    say('DELETED', deployment('c', 1, true));
    say('MODIFIED', deployment('a', 2, true));
    await first;
    expect(await watch.ended(item('b'), LONG_MS, deployment('b', 2, false))).toEqual([]);
    expect(await watch.ended(item('c'), LONG_MS, deployment('c', 2, false))).toEqual([]);
    const replaced = watch.ended(item('a'), LONG_MS, deployment('a', 9, false));
    say('MODIFIED', deployment('a', 1, true, 'another-uid'));
    expect(await replaced).toEqual([]);
    watch.close();
  });

  test('one whose time is up is told; the others go on', async () => {
    const { say, wait } = shop(deployment('a', 1, false), deployment('b', 1, false));
    const cluster = { ...wait.cluster, get: () => Promise.resolve(undefined) } as unknown as Cluster;
    const watch = new RolloutWatch([item('a'), item('b')], { ...wait, cluster });
    const b = watch.ended(item('b'), LONG_MS);
    expect(await watch.ended(item('a'), 20)).toMatchObject([
      {
        id: 'workload-not-ready',
        object: 'Deployment shop/a',
        message: expect.stringContaining('0 of 1 replicas are available') as unknown,
      },
    ]);
    say('MODIFIED', deployment('b', 1, true));
    expect(await b).toEqual([]);
    watch.close();
  });

  test('end with the run, all of them', async () => {
    const { run, wait } = shop(deployment('a', 1, false), deployment('b', 1, false));
    const watch = new RolloutWatch([item('a'), item('b')], wait);
    const both = Promise.allSettled([watch.ended(item('a'), LONG_MS), watch.ended(item('b'), LONG_MS)]);
    const reason = new Error('cancelled');
    run.abort(reason);
    expect(await both).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    watch.close();
  });
});
