import { expect, test } from '@jest/globals';
import type { RunResult } from '../../../scripts/run-action.ts';
import { viewOf } from '../../suite/run-view.ts';

function changesOf(attempt: string): readonly string[] {
  const steps = [{ id: 'close-record', status: 'done', changes: [`close record of attempt ${attempt}`] }];
  return viewOf({ outputs: {}, exitCode: 0, report: { steps } } as unknown as RunResult).changes;
}

test('an attempt’s name is compared without what is random of it, and with the sides that it names', () => {
  const changes = changesOf('1-30-3-to-1-31-0-ab12cd34');
  expect(changes).toEqual(['close record of attempt 1-30-3-to-1-31-0-*']);
  expect(changesOf('1-30-3-to-1-31-0-00112233')).toEqual(changes);
  expect(changesOf('1-31-0-to-1-30-3-00112233')).not.toEqual(changes);
});
