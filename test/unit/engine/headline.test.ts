import { expect, test } from '@jest/globals';
import type { Finding } from '../../../src/finding.ts';
import { headlineOf, newReport } from '../../../src/main.ts';
import type { Outcome } from '../../../src/outcome.ts';
import type { NamespaceReport } from '../../../src/report/report.ts';

const rollback = (outcome: Outcome, ...findings: Finding[]): string =>
  headlineOf({ ...newReport('rollback', false), outcome, findings });

test('a rollback says that all is back only where nothing was given up for good', () => {
  const lost: Finding = { id: 'given-up-not-restored', severity: 'warning', message: 'meshConfig.a is lost' };
  expect(rollback('rolled-back')).toContain('put everything back');
  expect(rollback('rolled-back', lost)).toContain('put back all but the settings');
  expect(rollback('failed', lost)).toBe('rollback did not succeed.');
});

test('a rollback takes out what stays on the target alone, not what is as it was before', () => {
  const of = (proxiesBehind: number, ...targets: number[]): string =>
    headlineOf({
      ...newReport('rollback', false),
      outcome: 'rolled-back',
      from: { revision: 'default', version: '1.30.3' },
      to: { revision: 'default', version: '1.31.0' },
      proxiesBehind,
      namespaces: targets.map((target, index): NamespaceReport => ({
        namespace: String(index),
        current: 3,
        target,
        other: 1,
      })),
    });
  expect(of(2, 0, 0)).toBe('rollback 1.31.0 → 1.30.3 put everything back, and it was seen to be so.');
  expect(of(1, 0, 1)).toBe(
    'rollback 1.31.0 → 1.30.3 put back all but 1 proxy, which stays on 1.31.0, and it was seen to be so.',
  );
  expect(of(3, 2, 1)).toContain('put back all but 3 proxies, which stay on 1.31.0, and');
});
