import { expect, test } from '@jest/globals';
import { usageOf } from '../../../src/engine/usage.ts';

test('what a run took counts each connection once', () => {
  const api = { requests: { GET: 7, PATCH: 2 }, received: { bytes: 1_500_000, objects: 30 } };
  const keeper = { requests: { PUT: 1 }, received: { bytes: 100_000, objects: 0 } };
  expect(usageOf([api, { ...api }, keeper], 150 * 1024)).toBe(
    'used: 10 requests, 30 objects listed, 1.6 MB of answers, at most 150 MB of memory',
  );
});
