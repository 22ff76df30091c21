import { describe, expect, test } from '@jest/globals';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import type { Severity } from '../../../src/finding.ts';
import { OUTCOMES, PHASES, STATES } from '../../../src/outcome.ts';
import type { Report, StepStatus } from '../../../src/report/report.ts';
import { RECORDED, recordedReport } from '../../../scripts/recorded-reports.ts';
import { emptyReport, fullReport } from './reports.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8'),
) as Record<string, never>;
const validate = new Ajv({ allErrors: true }).compile(schema);

/** What is wrong with a report after it was written and read. */
function errors(report: unknown): string[] {
  const valid = validate(JSON.parse(JSON.stringify(report)));
  return valid === true
    ? []
    : (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}

test.each([
  ['at its start', emptyReport()],
  ['with all fields', fullReport()],
  ...RECORDED.map((name) => [`of a real run (${name})`, recordedReport(name)] as const),
])('a report %s is as the schema says', (_title, report) => {
  expect(errors(report)).toEqual([]);
});

/** Every field of the type, so that a new one does not compile before it is in the schema. */
const FIELDS = {
  schemaVersion: 1,
  phase: 1,
  dryRun: 1,
  startedAt: 1,
  finishedAt: 1,
  outcome: 1,
  headline: 1,
  state: 1,
  cluster: 1,
  attempt: 1,
  from: 1,
  to: 1,
  steps: 1,
  findings: 1,
  namespaces: 1,
  namespacesMoved: 1,
  workloadsRestarted: 1,
  proxiesBehind: 1,
  rollback: 1,
  next: 1,
  nextPhase: 1,
  notes: 1,
} satisfies Record<keyof Report, 1>;

const STATUSES = {
  pending: 1,
  running: 1,
  succeeded: 1,
  skipped: 1,
  failed: 1,
  cancelled: 1,
  'not-run': 1,
} satisfies Record<StepStatus, 1>;

const SEVERITIES = { error: 1, warning: 1, info: 1 } satisfies Record<Severity, 1>;

/** A part of the schema by its path. */
function at(...path: string[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], schema);
}

describe('the schema has the words of the code', () => {
  test.each([
    ['fields', Object.keys(at('properties') as object), Object.keys(FIELDS)],
    ['outcomes', at('properties', 'outcome', 'enum'), OUTCOMES],
    ['states', at('properties', 'state', 'enum'), STATES],
    ['phases', at('definitions', 'phase', 'enum'), PHASES],
    ['statuses', at('definitions', 'step', 'properties', 'status', 'enum'), Object.keys(STATUSES)],
    ['severities', at('definitions', 'finding', 'properties', 'severity', 'enum'), Object.keys(SEVERITIES)],
  ])('%s', (_title, documented, coded) => {
    expect([...(documented as string[])].sort()).toEqual([...coded].sort());
  });

  test('the example has every field, so that each is validated', () => {
    expect(Object.keys(fullReport()).sort()).toEqual(Object.keys(FIELDS).sort());
  });
});

test.each([
  ['an unknown field', { ...fullReport(), extra: 1 }],
  ['an unknown outcome', { ...fullReport(), outcome: 'great' }],
  [
    'a finding whose id is no kebab-case word',
    fullReport({ findings: [{ id: 'Not Kebab', severity: 'info', message: '' }] }),
  ],
  ['a missing headline', { ...fullReport(), headline: undefined }],
])('%s is wrong', (_title, report) => {
  expect(errors(report)).not.toEqual([]);
});
