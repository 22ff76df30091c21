import { error, warning } from '@actions/core';
import type { Finding } from '../finding.ts';
import { type Phase, exitCode } from '../outcome.ts';
import { forAnnotation, forLog, oneLine } from './escape.ts';
import type { Report, StepReport } from './report.ts';

/** The runner keeps 10 annotations of a kind per step: warnings of 8 ids and the one that counts the rest. */
const WARNINGS = 8;
/** Errors named in the annotation of the step that failed. */
const ERRORS_NAMED = 5;
/** Objects named in the annotation of one warning. */
const OBJECTS_NAMED = 3;

/** Longest line, in characters: a long error must not push out what to do next. */
const LINE = 400;

/** A mark on the run's page. */
export interface Annotation {
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
}

/** What deserves a mark: an error for each step that failed, and a warning for each id, the first ones. */
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
  const failed = report.steps.filter((step) => step.status === 'failed');
  const [first, ...others] = failed;
  return [
    {
      severity: 'error',
      title: first === undefined ? title : `${title}: ${first.title}`,
      message: lines(...causes(report, first), ...outlook(report)),
    },
    ...others.map((step): Annotation => ({
      severity: 'error',
      title: `${title}: ${step.title}`,
      message: lines(step.detail),
    })),
  ];
}

/** Why it stopped: what the step says, unless a finding says the same and names the object. */
function causes({ headline, findings }: Report, step: StepReport | undefined): string[] {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const own = step?.detail ?? headline;
  const said = errors.some(({ message }) => message !== '' && own.includes(message));
  return [...(said ? [] : [own]), ...some(errors.map(told), ERRORS_NAMED, 'errors')];
}

/** What to do, whether there is a way back, and where: a run may have a job for each of many clusters. */
function outlook({ next, rollback, cluster, from, to, state }: Report): string[] {
  const versions = from !== undefined && to !== undefined ? `${from.version} → ${to.version}` : undefined;
  const where = [cluster && `cluster ${cluster.context}`, versions, state && `state ${state}`];
  return [
    next === '' ? '' : `Next: ${next}`,
    rollback === undefined ? '' : `Way back: ${rollback.ready ? 'ready.' : rollback.how}`,
    where.filter((part) => part !== undefined).join(', '),
  ];
}

/** One for each id: a hundred pods without a sidecar are one thing to know. */
function warningsOf({ phase, findings }: Report): Annotation[] {
  const byId = Map.groupBy(
    findings.filter(({ severity }) => severity === 'warning'),
    ({ id }) => id,
  );
  const marks = [...byId].map(([id, group]) => ({
    title: titleOf(phase, id, group.length),
    message: messageOf(group),
  }));
  const left = marks.slice(WARNINGS);
  const rest =
    left.length > 0
      ? [
          {
            title: titleOf(phase, 'more', 1),
            message: `and ${left.length} more kinds of warnings in the summary`,
          },
        ]
      : [];
  return [...marks.slice(0, WARNINGS), ...rest].map((mark) => ({ severity: 'warning', ...mark }));
}

function titleOf(phase: Phase, id: string, count: number): string {
  return `Istio ${phase}: ${id}${count === 1 ? '' : ` (${count})`}`;
}

function messageOf(group: readonly Finding[]): string {
  return lines(...some(group.map(told), OBJECTS_NAMED, 'of it'));
}

/** The first of them, and how many there are beside. */
function some(texts: readonly string[], max: number, what: string): string[] {
  const more = texts.length - max;
  return [...texts.slice(0, max), ...(more > 0 ? [`and ${more} more ${what} in the summary`] : [])];
}

function told({ object, message, remedy }: Finding): string {
  const sentence = object === undefined ? message : `${object}: ${message}`;
  return remedy === undefined ? sentence : `${sentence} → ${remedy}`;
}

/** Each text in a line of its own: line breaks inside one come from elsewhere. */
function lines(...texts: readonly string[]): string {
  return texts
    .map((text) => oneLine(text, LINE))
    .filter((text) => text !== '')
    .join('\n');
}
