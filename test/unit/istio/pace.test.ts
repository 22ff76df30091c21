import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { PODS_AT_ONCE, Pace, parallelOf } from '../../../src/istio/pace.ts';

describe('how many workloads restart at once', () => {
  test.each([
    [1, 20],
    [400, 20],
    [401, 21],
    [1_200, 60],
    [2_000, 100],
    [50_000, 100],
  ])('of %d, where nobody says', (workloads, parallel) => {
    expect(parallelOf(workloads, undefined)).toBe(parallel);
  });

  test('as the input says', () => {
    expect(parallelOf(2_000, 3)).toBe(3);
  });
});

describe('H60: the pods of workloads that restart at once', () => {
  test('are no more than so many together', async () => {
    const pace = new Pace();
    const order: string[] = [];
    await pace.enter(PODS_AT_ONCE - 10);
    const second = pace.enter(10).then(() => order.push('second'));
    const third = pace.enter(1).then(() => order.push('third'));
    await turn();
    expect(order).toEqual(['second']);
    pace.leave(10);
    await turn();
    expect(order).toEqual(['second', 'third']);
    await Promise.all([second, third]);
  });

  test('of one alone may be more', async () => {
    const pace = new Pace();
    await pace.enter(PODS_AT_ONCE * 2);
    let entered = false;
    const next = pace.enter(1).then(() => (entered = true));
    await turn();
    expect(entered).toBe(false);
    pace.leave(PODS_AT_ONCE * 2);
    await next;
    expect(entered).toBe(true);
  });
});
