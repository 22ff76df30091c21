import { expect, test } from '@jest/globals';
import { type Finding, toldOnce } from '../../src/finding.ts';

const finding = (severity: Finding['severity'], changes: Partial<Finding> = {}): Finding => ({
  id: 'pod-will-not-move',
  severity,
  object: 'Pod a/p',
  message: 'm',
  ...changes,
});

test('what a check warned of and a step failed of is told once, as the graver of the two', () => {
  const [warning, error] = [finding('warning'), finding('error', { remedy: 'Mend it.' })];
  expect(toldOnce([warning, error])).toEqual([error]);
  expect(toldOnce([error, warning])).toEqual([error]);
  expect(toldOnce([warning, { ...warning }])).toEqual([warning]);
});

test('another object, another id and another message are other things; so is what has no object', () => {
  const all = [
    finding('warning'),
    finding('error', { object: 'Pod a/q' }),
    finding('error', { id: 'still-in-use' }),
    finding('error', { message: 'n' }),
    { id: 'x', severity: 'warning', message: 'm' } as const,
    { id: 'x', severity: 'error', message: 'm' } as const,
  ];
  expect(toldOnce(all)).toEqual(all);
});
