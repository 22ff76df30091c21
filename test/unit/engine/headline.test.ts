import { expect, test } from '@jest/globals';
import type { Finding } from '../../../src/finding.ts';
import { headlineOf, newReport } from '../../../src/main.ts';
import type { Outcome } from '../../../src/outcome.ts';

const rollback = (outcome: Outcome, ...findings: Finding[]): string =>
  headlineOf({ ...newReport('rollback', false), outcome, findings });

test('a rollback says that all is back only where nothing was given up for good', () => {
  const lost: Finding = { id: 'given-up-not-restored', severity: 'warning', message: 'meshConfig.a is lost' };
  expect(rollback('rolled-back')).toContain('put everything back');
  expect(rollback('rolled-back', lost)).toContain('put back all but the settings');
  expect(rollback('failed', lost)).toBe('rollback did not succeed.');
});
