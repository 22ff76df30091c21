import { expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import { removalTime } from '../../../src/checks/removal-time.ts';
import { checkView } from '../../support/check-view.ts';
import { record } from '../../support/facts.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-28T12:00:00Z');
const day = { removeOld: true, removeOldAfterMs: 24 * HOUR };

function found(promotedHoursAgo: number | undefined, changes: Partial<CheckView> = {}) {
  const promotedAt =
    promotedHoursAgo === undefined
      ? {}
      : { promotedAt: new Date(now - promotedHoursAgo * HOUR).toISOString() };
  return removalTime(
    checkView(
      { planes: [] },
      { phase: 'promote', state: 'promoted', removal: day, now, record: record(promotedAt), ...changes },
    ),
  );
}

test('too early is refused, with the time from which it goes', () => {
  expect(found(23)).toMatchObject([{ id: 'removal-too-early', severity: 'error' }]);
  expect(found(23)[0]?.remedy).toContain('2026-11-28T13:00:00.000Z');
  expect(found(23)[0]?.remedy).toContain('remove-old-after: 0s');
});

test('from that time on it is not', () => {
  expect(found(24)).toEqual([]);
  expect(found(48)).toEqual([]);
});

test('not known since when, or not promoted yet: refused, and why', () => {
  expect(found(undefined)[0]?.message).toContain('not on record');
  expect(found(undefined, { record: undefined })[0]?.message).toContain('not on record');
  expect(found(undefined, { state: 'canary' })[0]?.message).toContain('not promoted yet');
});

test('who has gone back by hand since has nothing that stood side by side', () => {
  expect(found(48, { state: 'promoting' })[0]?.message).toContain('not promoted yet');
  expect(found(48, { state: 'canary' })).toHaveLength(1);
  // Nothing writes it down again: no circle.
  expect(found(undefined, { record: undefined })[0]?.remedy).not.toContain('Run promote without');
});

test.each<[string, Partial<CheckView>]>([
  ['nothing is to be removed', { removal: { ...day, removeOld: false } }],
  ['no time is asked for', { removal: { ...day, removeOldAfterMs: 0 } }],
  ['a removal has begun: it goes on', { state: 'removing' }],
  ['it is over', { state: 'completed' }],
])('no wait where %s', (_, changes) => {
  expect(found(undefined, changes)).toEqual([]);
});
