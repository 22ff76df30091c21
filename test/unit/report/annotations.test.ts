import { expect, test } from '@jest/globals';
import type { Finding } from '../../../src/finding.ts';
import { annotationsOf } from '../../../src/report/annotations.ts';
import type { StepReport } from '../../../src/report/report.ts';
import { emptyReport, fullReport } from './reports.ts';

function findings(count: number, severity: Finding['severity']): Finding[] {
  return Array.from({ length: count }, (_, n) => ({ id: `finding-${n}`, severity, message: `message ${n}` }));
}

test('a failed step has one error, with the reasons and what to do next', () => {
  const [error, warning, ...others] = annotationsOf(fullReport());
  expect(others).toEqual([]);
  expect(error).toEqual({
    severity: 'error',
    title: 'Istio canary failed: Restart workloads in "shop"',
    message: [
      'Deployment shop/cart: 2 of 3 pods not ready: ImagePullBackOff.',
      'Deployment shop/cart: 2 of 3 pods are not ready: ImagePullBackOff. → See `kubectl -n shop describe pod -l app=cart`, then run canary again.',
      'Next: Repair the image of shop/cart and run canary again, or run rollback.',
      'Way back: ready.',
      'cluster prod, 1.30.3 → 1.31.0, state canarying',
    ].join('\n'),
  });
  expect(warning).toEqual({
    severity: 'warning',
    title: 'Istio canary: single-replica',
    message: 'Deployment shop/cart: has one replica',
  });
});

test('what the finding says too is said once, there with its object', () => {
  const error = { id: 'a', severity: 'error', object: 'Pod x/y', message: 'is not ready' } as const;
  const [install] = fullReport().steps;
  const steps = [{ ...install!, status: 'failed' as const, detail: 'is not ready' }];
  const [{ message } = { message: '' }] = annotationsOf(
    emptyReport({ outcome: 'failed', steps, findings: [error], next: 'Wait.' }),
  );
  expect(message).toBe('Pod x/y: is not ready\nNext: Wait.');
});

test('where there is no way back, why is said', () => {
  const [{ message } = { message: '' }] = annotationsOf(
    emptyReport({ outcome: 'failed', headline: 'a', rollback: { ready: false, how: 'It is gone.' } }),
  );
  expect(message).toBe('a\nWay back: It is gone.');
});

test('long errors leave room for what to do next', () => {
  const long = 'x'.repeat(5000);
  const errors = Array.from({ length: 9 }, (_, n) => ({
    id: `id-${n}`,
    severity: 'error' as const,
    object: long,
    message: long,
    remedy: long,
  }));
  const rollback = { ready: false, how: `Way ${long}` };
  const [{ message } = { message: '' }] = annotationsOf(
    emptyReport({ outcome: 'failed', headline: `a ${long}`, findings: errors, rollback, next: 'Wait.' }),
  );
  expect(message.length).toBeLessThan(4000);
  expect(message).toMatch(/\nand 4 more errors in the summary\nNext: Wait\.\nWay back: Way x+/);
});

test('a refusal without a failed step has one error, from the headline', () => {
  const report = emptyReport({
    outcome: 'refused',
    headline: 'The upgrade is held by another run.',
    next: 'Wait.',
  });
  expect(annotationsOf(report)).toEqual([
    {
      severity: 'error',
      title: 'Istio precheck refused',
      message: 'The upgrade is held by another run.\nNext: Wait.',
    },
  ]);
});

test('many findings stay below the ten that the runner keeps', () => {
  const report = emptyReport({
    outcome: 'failed',
    findings: [...findings(500, 'error'), ...findings(500, 'warning')],
  });
  const annotations = annotationsOf(report);
  expect(annotations.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  expect(annotations[0]?.message).toContain('and 495 more errors in the summary');
  const warnings = annotations.filter(({ severity }) => severity === 'warning');
  expect(warnings).toHaveLength(9);
  expect(warnings[8]?.message).toBe('and 492 more kinds of warnings in the summary');
});

test('warnings of one id are one, with the first objects', () => {
  const many = findings(12, 'warning').map((finding) => ({ ...finding, id: 'pod-without-sidecar' }));
  expect(annotationsOf(emptyReport({ outcome: 'succeeded', findings: many }))).toEqual([
    {
      severity: 'warning',
      title: 'Istio precheck: pod-without-sidecar (12)',
      message: 'message 0\nmessage 1\nmessage 2\nand 9 more of it in the summary',
    },
  ]);
});

test('eight warnings need no ninth', () => {
  expect(annotationsOf(emptyReport({ outcome: 'succeeded', findings: findings(8, 'warning') }))).toHaveLength(
    8,
  );
});

test.each(['succeeded', 'no-changes', 'rolled-back'] as const)(
  '%s has no error, also with a step that failed',
  (outcome) => {
    expect(annotationsOf(fullReport({ outcome })).filter(({ severity }) => severity === 'error')).toEqual([]);
  },
);

test('hostile text gives no command and no more lines', () => {
  const step: StepReport = {
    id: 'x',
    title: '::error::x\n::warning::y',
    status: 'failed',
    detail: 'a\n::error::b',
    changes: [],
  };
  const [error] = annotationsOf(emptyReport({ outcome: 'failed', steps: [step] }));
  expect(error).toEqual({
    severity: 'error',
    title: 'Istio precheck failed: ::error::x ::warning::y',
    message: 'a ::error::b',
  });
});
