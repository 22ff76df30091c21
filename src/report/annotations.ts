import { error, warning } from '@actions/core';
import type { Finding } from '../finding.ts';
import { exitCode } from '../outcome.ts';
import { forAnnotation, forLog } from './escape.ts';
import type { Report } from './report.ts';

/** The runner keeps 10 annotations of a kind per step: 8 warnings and the one that counts the rest. */
const WARNINGS = 8;
/** Errors named in the annotation of the step that failed. */
const ERRORS_NAMED = 5;

/** A mark on the run's page. */
export interface Annotation {
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
}

/** What deserves a mark: an error for each step that failed, and the first of the warnings. */
export function annotationsOf(report: Report): Annotation[] {
  return [...errorsOf(report), ...warningsOf(report)].map(({ severity, title, message }) => ({
    severity,
    title: forLog(title, 200),
    message: forAnnotation(message),
  }));
}

const WRITE: Readonly<Record<Annotation['severity'], typeof error>> = { error, warning };

/** Writes them. They are set once, at the end: unlike the summary, an annotation cannot be taken back. */
export function annotate(annotations: readonly Annotation[]): void {
  for (const { severity, title, message } of annotations) WRITE[severity](message, { title });
}

function errorsOf(report: Report): Annotation[] {
  if (report.outcome === undefined || exitCode(report.outcome) === 0) return [];
  const title = `Istio ${report.phase} ${report.outcome}`;
  const why = namedErrors(report.findings);
  const failed = report.steps.filter((step) => step.status === 'failed');
  if (failed.length === 0)
    return [{ severity: 'error', title, message: lines(report.headline, ...why, report.next) }];
  return failed.map((step, index) => ({
    severity: 'error',
    title: `${title}: ${step.title}`,
    message: index === 0 ? lines(step.detail, ...why, report.next) : step.detail,
  }));
}

function namedErrors(findings: readonly Finding[]): string[] {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const more = errors.length - ERRORS_NAMED;
  return [
    ...errors.slice(0, ERRORS_NAMED).map(told),
    ...(more > 0 ? [`and ${more} more errors in the summary`] : []),
  ];
}

function warningsOf({ findings }: Report): Annotation[] {
  const warnings = findings.filter((finding) => finding.severity === 'warning');
  const more = warnings.length - WARNINGS;
  const rest = more > 0 ? [{ id: 'more', message: `and ${more} more warnings in the summary` }] : [];
  return [
    ...warnings.slice(0, WARNINGS).map((finding) => ({ id: finding.id, message: lines(told(finding)) })),
    ...rest,
  ].map(({ id, message }) => ({ severity: 'warning', title: `Istio upgrade: ${id}`, message }));
}

function told({ object, message, remedy }: Finding): string {
  const sentence = object === undefined ? message : `${object}: ${message}`;
  return remedy === undefined ? sentence : `${sentence} → ${remedy}`;
}

/** Each text in a line of its own: line breaks inside one come from elsewhere. */
function lines(...texts: readonly string[]): string {
  return texts.map((text) => text.replace(/\s+/g, ' ')).join('\n');
}
