import { describe, expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import { removalTime } from '../../../src/checks/removal-time.ts';
import { checkView } from '../../support/check-view.ts';
import { record } from '../../support/facts.ts';
import { NEW, OLD, plane, pod } from '../../support/mesh.ts';

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

describe('not promoted any more', () => {
  const refusal = (promotedHoursAgo: number, createdAt: string) => {
    const promotedAt = new Date(now - promotedHoursAgo * HOUR).toISOString();
    const [finding] = removalTime(
      checkView(
        {
          planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
          tags: { default: NEW.revision },
          defaultValidator: NEW.revision,
          namespaces: { newbie: { 'istio.io/rev': OLD.revision } },
          namespaceFacts: { newbie: { createdAt } },
          pods: [pod('shop/w-1', NEW.revision)],
        },
        { phase: 'promote', state: 'promoting', removal: day, now, record: record({ promotedAt }) },
      ),
    );
    return finding;
  };

  test('what keeps it from that is named, and taken along first', () => {
    const finding = refusal(48, '2026-11-28T11:00:00Z');
    expect(finding?.message).toContain('not promoted yet: Namespace newbie chooses 1-30-3');
    expect(finding?.remedy).toMatch(/^Run promote without remove-old first: it takes that along/);
  });

  test.each<[string, number, string, RegExp]>([
    ['is made since: its time counts', 48, '2026-11-28T11:00:00Z', /with remove-old right after that/],
    ['is made since, too early', 23, '2026-11-28T11:00:00Z', /with remove-old after 2026-11-28T13:00:00/],
    ['was there before: it begins anew', 48, '2026-11-01T00:00:00Z', /begins anew/],
  ])('a namespace that %s', (_, hours, createdAt, remedy) => {
    expect(refusal(hours, createdAt)?.remedy).toMatch(remedy);
  });
});

test.each<[string, Partial<CheckView>]>([
  ['nothing is to be removed', { removal: { ...day, removeOld: false } }],
  ['no time is asked for', { removal: { ...day, removeOldAfterMs: 0 } }],
  ['a removal has begun: it goes on', { state: 'removing' }],
  ['it is over', { state: 'completed' }],
])('no wait where %s', (_, changes) => {
  expect(found(undefined, changes)).toEqual([]);
});
