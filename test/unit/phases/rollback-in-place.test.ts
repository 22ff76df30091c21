import { expect, test } from '@jest/globals';
import { rollbackInPlace } from '../../../src/phases/in-place/rollback.ts';
import { NO_RENDERS } from '../../../src/steps/held-proxies.ts';
import type { Context } from '../../../src/steps/context.ts';
import { StepFailed } from '../../../src/steps/step.ts';
import { plane, pod, view } from '../../support/mesh.ts';

const R = 'default';
const SIDES = { from: { revision: R, version: '1.30.3' }, to: { revision: R, version: '1.31.0' } };
const NEWER = 'proxies-newer-than-control-plane';
/** One replica of two is not ready. */
const rollout = { done: false, desired: 2, updated: 1, available: 1, message: '1 of 2 replicas are new' };

/** What the look before istiod goes down says, where it does not serve as it did when the run began. */
async function held(proxy: string, acknowledge: readonly string[] = [], istiod = '1.31.0') {
  const decided = view(
    { planes: [plane(R, istiod, { rollout })], pods: [pod('a/w-1', R, { version: proxy })] },
    { upgrade: { attempt: 'x', ...SIDES, scope: { namespaces: ['a'], tags: [] }, tags: {} } },
  );
  const context = { upgrade: decided.upgrade, inputs: { acknowledge } } as unknown as Context;
  const steps = rollbackInPlace.steps({} as never, [], { renders: NO_RENDERS, down: false });
  const step = steps.find(({ id }) => id === 'verify-proxies-held');
  try {
    return await step?.run(context, decided);
  } catch (error) {
    return error instanceof StepFailed
      ? error.findings.map(({ id, severity }) => `${severity} ${id}`)
      : error;
  }
}

test('H40: istiod does not go down under newer proxies because a replica of it is not ready for a moment', async () => {
  expect(await held('1.31.0')).toEqual([`error ${NEWER}`]);
});

test('where that was acknowledged, no proxy is newer, or istiod is back already, it goes on', async () => {
  const goesOn = expect.stringMatching(/once the old control plane is back/) as unknown;
  expect(await held('1.31.0', [NEWER])).toEqual(goesOn);
  expect(await held('1.30.3')).toEqual(goesOn);
  expect(await held('1.31.0', [], '1.30.3')).toEqual(goesOn);
});
