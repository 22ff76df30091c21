import { expect, test } from '@jest/globals';
import { beforeLastLook } from '../../../src/wait/wait.ts';

test.each([
  ['of much time the last look has 15 s', 300_000, 285_000],
  ['of little a quarter', 8_000, 6_000],
  ['of none none', 0, 0],
])('%s', (_, remaining, waits) => {
  expect(beforeLastLook(remaining)).toBe(waits);
});
