import { readFileSync } from 'node:fs';
import type { Report } from '../src/report/report.ts';

/** The runs whose reports are kept, in the order of docs/summary.md; `record-reports.ts` makes them anew. */
export const RECORDED = ['precheck', 'canary', 'promote', 'rollback', 'canary-failed'] as const;
export type RecordedName = (typeof RECORDED)[number];

/** Where the report of a run is kept, and the summary that is made of it. */
export function recordedPath(name: RecordedName, kind: 'json' | 'md'): URL {
  return new URL(`../test/fixtures/reports/${name}.${kind}`, import.meta.url);
}

/** The report of a run as it was when it ended. */
export function recordedReport(name: RecordedName): Report {
  return JSON.parse(readFileSync(recordedPath(name, 'json'), 'utf8')) as Report;
}
