import type { RunResult } from '../../scripts/run-action.ts';
import type { Finding } from '../../src/finding.ts';

/** A run as it can be compared between clusters: without paths, times, words and random names. */
export interface RunView {
  readonly outcome: string;
  readonly exitCode: number | null;
  /** All but those that are told in other fields here, or differ from run to run. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Sorted. */
  readonly findings: readonly FindingView[];
  /** Steps by id, with their status, in order. */
  readonly steps: readonly string[];
  /** What the steps (would) change, in order. */
  readonly changes: readonly string[];
}

export interface FindingView {
  readonly id: string;
  readonly severity: string;
  readonly object: string | null;
}

/** Outputs that are no part of the comparison, and why. */
export const IGNORED_OUTPUTS: Readonly<Record<string, string>> = {
  outcome: 'told beside the outputs',
  findings:
    'told beside the outputs, by id and object: their words name pods, times and versions of Kubernetes',
  report: 'a path',
};

export function viewOf(run: RunResult): RunView {
  return {
    outcome: run.outputs.outcome ?? '',
    exitCode: run.exitCode,
    outputs: Object.fromEntries(Object.entries(run.outputs).filter(([name]) => !(name in IGNORED_OUTPUTS))),
    findings: sorted(findingsOf(run).map(findingView)),
    steps: (run.report?.steps ?? []).map(({ id, status }) => `${id}: ${status}`),
    changes: (run.report?.steps ?? []).flatMap(({ changes }) => changes.map(withoutAttempt)),
  };
}

function findingView({ id, severity, object }: Finding): FindingView {
  return { id, severity, object: object === undefined ? null : withoutSuffix(object) };
}

/** What is asked for at once is told in the order of the answers. */
function sorted(findings: readonly FindingView[]): FindingView[] {
  const key = ({ id, severity, object }: FindingView): string => [severity, id, object ?? ''].join(' ');
  return findings.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function findingsOf(run: RunResult): Finding[] {
  return JSON.parse(run.outputs.findings ?? '[]') as Finding[];
}

export function errorsOf(run: RunResult): Finding[] {
  return findingsOf(run).filter(({ severity }) => severity === 'error');
}

/** What Kubernetes adds to the names of pods, in its own alphabet (no vowels, so that it makes no words). */
const SUFFIX = /^(Pod \S+?)(-[bcdfghjklmnpqrstvwxz2456789]{5,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** `Pod storefront/cart-7c9d8f6b5-x2x4z` is `Pod storefront/cart-*`. */
export function withoutSuffix(object: string): string {
  return object.replace(SUFFIX, '$1-*');
}

function withoutAttempt(change: string): string {
  return change.replace(/(attempt (?:\S+-)?)[0-9a-f]{8}\b/, '$1*');
}
