import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../../src/finding.ts';
import { outputsOf } from '../../../src/outputs.ts';
import { hostile } from '../report/hostile.ts';
import { emptyReport, fullReport } from '../report/reports.ts';

function findingsOf(findings: Finding[]): Finding[] {
  const text = outputsOf(emptyReport({ findings }), '').findings;
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64_000);
  return JSON.parse(text) as Finding[];
}

test('a full report gives every output', () => {
  const { findings, ...others } = outputsOf(
    fullReport({ namespacesMoved: ['shop', 'pay'] }),
    '/tmp/report.json',
  );
  expect(others).toEqual({
    outcome: 'failed',
    state: 'canarying',
    report: '/tmp/report.json',
    'from-version': '1.30.3',
    'to-version': '1.31.0',
    'from-revision': 'default',
    'to-revision': '1-31-0',
    'namespaces-moved': 'shop,pay',
    'workloads-restarted': '1',
    'proxies-behind': '7',
    'rollback-ready': 'true',
    'next-phase': 'canary',
  });
  expect((JSON.parse(findings) as Finding[]).map(({ severity }) => severity)).toEqual([
    'error',
    'warning',
    'info',
  ]);
});

test('what was not seen is empty, and not zero or ready', () => {
  expect(outputsOf(emptyReport(), '')).toEqual({
    outcome: '',
    state: '',
    findings: '[]',
    report: '',
    'from-version': '',
    'to-version': '',
    'from-revision': '',
    'to-revision': '',
    'namespaces-moved': '',
    'workloads-restarted': '0',
    'proxies-behind': '',
    'rollback-ready': 'false',
    'next-phase': '',
  });
  expect(outputsOf(emptyReport({ proxiesBehind: 0 }), '')['proxies-behind']).toBe('0');
});

test('many findings are cut with errors kept, and counted', () => {
  const infos = Array.from({ length: 5000 }, (_, n): Finding => ({
    id: `info-${n}`,
    severity: 'info',
    message: 'x'.repeat(50),
  }));
  const shown = findingsOf([...infos, { id: 'the-error', severity: 'error', message: 'y' }]);
  expect(shown[0]?.id).toBe('the-error');
  expect(shown.at(-1)).toEqual({
    id: 'findings-truncated',
    severity: 'info',
    message: `${5001 - (shown.length - 1)} more findings are in the report file.`,
  });
});

test('findings are JSON and capped by bytes, whatever is in them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(hostile, fc.integer({ min: 1, max: 3000 })), { maxLength: 100 }),
      (texts) => {
        const findings = texts.map(([text, times]): Finding => ({
          id: 'x',
          severity: 'warning',
          message: text.repeat(times),
        }));
        const shown = findingsOf(findings);
        expect(shown.length).toBeGreaterThanOrEqual(Math.min(findings.length, 1));
      },
    ),
    { numRuns: 50 },
  );
});
