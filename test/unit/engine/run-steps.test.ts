import { expect, test } from '@jest/globals';
import { glance } from '../../../src/engine/glance.ts';
import { type StepRun, planSteps, runSteps } from '../../../src/engine/run-steps.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import type { Change } from '../../../src/istio/change.ts';
import type { Step } from '../../../src/steps/step.ts';
import type { Mesh } from '../../../src/istio/mesh.ts';
import { silentLogger } from '../../../src/log.ts';
import { mesh, view as viewOf } from '../../support/mesh.ts';

const fixed = viewOf({ planes: [] });

/** Runs steps against a cluster of which only the number of looks matters; which look each step decided from. */
async function decidedFrom(steps: readonly Pick<Step, 'plan'>[]): Promise<number[]> {
  const looks: Mesh[] = [];
  const look = glance(() => {
    const seen = mesh({ planes: [] });
    looks.push(seen);
    return Promise.resolve(seen);
  });
  const from: number[] = [];
  const whole = steps.map(({ plan }, index): Step => ({
    id: String(index),
    title: String(index),
    timeoutMs: 60_000,
    ...(plan && {
      plan: (view: View) => {
        if (looks.length > 0) from[index] = looks.indexOf(view.mesh) + 1;
        return plan(view);
      },
    }),
    run: (_, view) => {
      from[index] = looks.indexOf(view.mesh) + 1;
      return Promise.resolve('');
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
    mayChange: true,
  });
  return from;
}

const looks = {};
const nothingToDo = { plan: () => [] };
const changes = { plan: (): Change[] => [{ verb: 'restart', object: 'something' }] };

test('promise 2: what a step decides from was seen after every change before it, and no oftener than that', async () => {
  expect(await decidedFrom([nothingToDo, looks, nothingToDo, looks])).toEqual([1, 1, 1, 1]);
  expect(await decidedFrom([changes, nothingToDo, changes, looks, changes])).toEqual([1, 2, 2, 3, 3]);
});
