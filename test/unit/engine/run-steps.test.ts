import { describe, expect, test } from '@jest/globals';
import { glance } from '../../../src/engine/glance.ts';
import { type StepRun, planSteps, runSteps } from '../../../src/engine/run-steps.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import type { Change } from '../../../src/istio/change.ts';
import type { Step } from '../../../src/steps/step.ts';
import type { Mesh } from '../../../src/istio/mesh.ts';
import { silentLogger } from '../../../src/log.ts';
import { record } from '../../support/facts.ts';
import { mesh, view as viewOf } from '../../support/mesh.ts';

const fixed = viewOf({ planes: [] });

/** A step: what it would do, and what it does as it runs. */
interface Act extends Pick<Step, 'plan'>, Partial<Pick<Step, 'id'>> {
  readonly does?: 'writes' | 'writes-and-looks' | 'looks-and-writes' | 'looks';
}

/** Runs steps against a cluster of which only the number of looks matters; which look each step decided from. */
async function decidedFrom(
  steps: readonly Act[],
  mayChange = true,
  given: Partial<StepRun> = {},
): Promise<number[]> {
  const looks: Mesh[] = [];
  const look = glance(() => {
    const seen = mesh({ planes: [] });
    looks.push(seen);
    return Promise.resolve(seen);
  });
  const from: number[] = [];
  const whole = steps.map(({ plan, does = '', id }, index): Step => ({
    id: id ?? String(index),
    title: String(index),
    timeoutMs: 60_000,
    ...(plan && {
      plan: (view: View) => {
        if (looks.length > 0) from[index] = looks.indexOf(view.mesh) + 1;
        return plan(view);
      },
    }),
    run: async (context, view) => {
      from[index] = looks.indexOf(view.mesh) + 1;
      if (does.startsWith('looks')) await context.observe();
      // As the session does at each write.
      if (does.includes('writes')) look.outdate();
      if (does.endsWith('and-looks')) await context.observe();
      return '';
    },
  }));
  const planned = planSteps(whole, fixed);
  await runSteps(planned, {
    context: {
      upgrade: fixed.upgrade,
      log: silentLogger,
      signal: new AbortController().signal,
    } as unknown as StepRun['context'],
    fixed,
    begin: () => Promise.resolve(),
    mesh: look,
    record: glance(() => Promise.resolve(undefined)),
    phase: 'canary',
    remainingMs: () => 60_000,
    onReport: () => undefined,
    mayChange,
    mayInstall: true,
    ...given,
  });
  return from;
}

const looks = { does: 'looks' } as const;
const reads = {};
const nothingToDo = { plan: () => [] };
const plan = (): Change[] => [{ verb: 'restart', object: 'something' }];
const changes = { plan, does: 'writes' } as const;

test('promise 2: what a step decides from was seen after every write before it, and no oftener than that', async () => {
  expect(await decidedFrom([nothingToDo, reads, nothingToDo, reads])).toEqual([1, 1, 1, 1]);
  expect(await decidedFrom([changes, nothingToDo, changes, reads, changes])).toEqual([1, 2, 2, 3, 3]);
  // Its own look after its last write is as good for the next.
  expect(await decidedFrom([{ plan, does: 'writes-and-looks' }, reads])).toEqual([1, 2]);
  expect(await decidedFrom([{ plan, does: 'looks-and-writes' }, reads])).toEqual([1, 3]);
});

test('issue 15: a run that changes nothing looks once, one that does looks whenever a step asks', async () => {
  expect(await decidedFrom([looks, looks, reads], false)).toEqual([1, 1, 1]);
  expect(await decidedFrom([looks, looks, reads])).toEqual([1, 2, 3]);
});

test('without time for its first step a run leaves the record as it is: in place that is the only word of the way back', async () => {
  let isWritten = false;
  const begin = (): Promise<void> => {
    isWritten = true;
    return Promise.resolve();
  };
  await expect(decidedFrom([changes], true, { begin, remainingMs: () => 1_000 })).rejects.toThrow('used up');
  expect(isWritten).toBe(false);
});

describe('a run that was decided to install nothing, and what it would install was not judged', () => {
  const late = (id: string) => decidedFrom([{ ...changes, id }], true, { mayInstall: false });

  test.each(['install-revision', 'replace-control-plane', 'restore-control-plane', 'hold-proxies'])(
    '%s has something to do by now: it does not install',
    async (id) => {
      await expect(late(id)).rejects.toMatchObject({
        name: 'StepFailed',
        findings: [{ id: 'changed-meanwhile', severity: 'error' }],
      });
    },
  );

  test('other steps do what is due by now', async () => {
    expect(await late('restart-workloads')).toEqual([1]);
  });
});

test('a step sees the record of its own upgrade, and none of another one', async () => {
  const seen: View['record'][] = [];
  const sees = {
    plan: ({ record: is }: View) => {
      seen.push(is);
      return [];
    },
  };
  const other = record({ to: { revision: '1-32-0', version: '1.32.0' } });
  for (const known of [record(), other])
    await decidedFrom([sees], true, { record: glance(() => Promise.resolve(known)) });
  // The first of each two is what was planned from before.
  expect(seen).toEqual([undefined, record(), undefined, undefined]);
});

describe('what the steps show before their turn', () => {
  const step = (id: string, plan: Step['plan'], foresee?: Step['plan']): Step => ({
    id,
    title: id,
    timeoutMs: 1,
    run: () => Promise.resolve(''),
    ...(plan && { plan }),
    ...(foresee && { foresee }),
  });
  const shown = (...steps: Step[]) =>
    planSteps(steps, fixed).map(({ row, changes: due }) => [row.changes.length, due.length]);

  test('what only the steps before make necessary is shown, and decides nothing', () => {
    expect(
      shown(
        step('restart', () => [], plan),
        step('look', undefined),
      ),
    ).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  test('what an earlier step does already is not shown again', () => {
    expect(shown(step('restart', plan), step('restart-followers', plan))).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });
});
