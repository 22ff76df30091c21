import { describe, expect, test } from '@jest/globals';
import type { ApiRequest } from '../../../src/cluster/api.ts';
import { mayRepeat, pauseMs, retryAfterMs } from '../../../src/cluster/retry.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['none', undefined, 0],
    ['an empty one', ' ', 0],
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['a date that has passed', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['less than nothing', '-5', 0],
    ['a word', 'soon', 0],
    ['for ever', 'Infinity', 0],
  ])('%s', (_, header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });
});

describe('what may be sent again as it is', () => {
  const read: ApiRequest = { method: 'GET', path: '/', what: 'get' };
  const review: ApiRequest = { method: 'POST', path: '/', what: 'create', rehearses: true };
  const write: ApiRequest = { method: 'PATCH', path: '/', what: 'patch' };
  test.each([
    [429, true, true, true],
    [500, true, true, false],
    [502, true, true, false],
    [503, true, true, false],
    [504, true, true, false],
    [400, false, false, false],
    [401, false, false, false],
    [403, false, false, false],
    [404, false, false, false],
    [409, false, false, false],
    [501, false, false, false],
  ])('%i: a read %s, a rehearsal %s, a write %s', (status, reads, rehearses, writes) => {
    expect([read, review, write].map((request) => mayRepeat(request, status))).toEqual([
      reads,
      rehearses,
      writes,
    ]);
  });
});

test('the pauses grow, to five seconds at most', () => {
  expect([0, 1, 2, 10].map(pauseMs)).toEqual([200, 400, 800, 5_000]);
});
