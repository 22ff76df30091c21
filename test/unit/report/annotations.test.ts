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
      'Repair the image of shop/cart and run canary again, or run rollback.',
    ].join('\n'),
  });
  expect(warning).toMatchObject({ severity: 'warning', title: 'Istio upgrade: single-replica' });
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
      message: 'The upgrade is held by another run.\nWait.',
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
  expect(warnings[8]?.message).toBe('and 492 more warnings in the summary');
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
