import * as core from '@actions/core';
import type { Finding } from './finding.ts';
import { bytes, fit } from './report/budget.ts';
import type { Report } from './report/report.ts';
import { bySeverity } from './report/findings-table.ts';

/** The outputs of action.yml; a test holds the two together. */
export const OUTPUTS = [
  'outcome',
  'state',
  'findings',
  'report',
  'from-version',
  'to-version',
  'from-revision',
  'to-revision',
  'namespaces-moved',
  'workloads-restarted',
  'proxies-behind',
  'rollback-ready',
  'next-phase',
] as const;
export type OutputName = (typeof OUTPUTS)[number];

/** GitHub takes 1 MB an output, but expressions, logs and shells downstream do not like that much. */
const FINDINGS_BYTES = 64_000;
const TEXT_LENGTH = 1000;

/**
 * What later steps and jobs are told. What was not seen is the empty string, never a zero.
 *
 * @param reportPath of the report file; empty where none could be written
 */
export function outputsOf(report: Report, reportPath: string): Record<OutputName, string> {
  return {
    outcome: report.outcome ?? '',
    state: report.state ?? '',
    findings: findingsJson(report.findings),
    report: reportPath,
    'from-version': report.from?.version ?? '',
    'to-version': report.to?.version ?? '',
    'from-revision': report.from?.revision ?? '',
    'to-revision': report.to?.revision ?? '',
    // Names of namespaces hold neither commas nor blanks.
    'namespaces-moved': report.namespacesMoved.join(','),
    'workloads-restarted': String(report.workloadsRestarted.length),
    'proxies-behind': report.proxiesBehind === undefined ? '' : String(report.proxiesBehind),
    'rollback-ready': String(report.rollback?.ready ?? false),
    'next-phase': report.nextPhase ?? '',
  };
}

/** Sets them; may be called again, the last value of an output counts. */
export function writeOutputs(outputs: Readonly<Record<OutputName, string>>): void {
  for (const name of OUTPUTS) core.setOutput(name, outputs[name]);
}

/** JSON of at most 64 kB: errors first, long texts cut, and a last finding that counts what is left out. */
function findingsJson(findings: readonly Finding[]): string {
  const room = FINDINGS_BYTES - bytes(JSON.stringify(truncated(findings.length))) - 2;
  const { shown, left } = fit(bySeverity(findings), room, (finding) => JSON.stringify(shortened(finding)));
  const last = left === 0 ? [] : [JSON.stringify(truncated(left))];
  return `[${[...shown, ...last].join(',')}]`;
}

function truncated(left: number): Finding {
  return {
    id: 'findings-truncated',
    severity: 'info',
    message: `${left} more findings are in the report file.`,
  };
}

function shortened({ id, severity, message, object, remedy }: Finding): Finding {
  return {
    id,
    severity,
    message: cut(message),
    ...(object === undefined ? {} : { object: cut(object) }),
    ...(remedy === undefined ? {} : { remedy: cut(remedy) }),
  };
}

function cut(text: string): string {
  return text.length <= TEXT_LENGTH ? text : `${text.slice(0, TEXT_LENGTH)}…`.toWellFormed();
}
