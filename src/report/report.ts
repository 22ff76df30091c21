import type { Finding } from '../finding.ts';
import type { Outcome, Phase, UpgradeState } from '../outcome.ts';

/** Where one step of a phase stands. */
export type StepStatus = 'pending' | 'running' | 'succeeded' | 'skipped' | 'failed' | 'cancelled' | 'not-run';

/** One step as the report shows it. */
export interface StepReport {
  readonly id: string;
  readonly title: string;
  status: StepStatus;
  /** What it did, why it was skipped, or how it failed; one sentence. */
  detail: string;
  /** What it would change or changed, one line a change. */
  changes: readonly string[];
  durationMs?: number;
}

/** The data plane of one namespace, counted in pods that have a proxy. */
export interface NamespaceReport {
  readonly namespace: string;
  /** How it chooses who injects its pods, and who that is; undefined where it was not looked at. */
  readonly choice?: string;
  /** Pods whose proxy is on the current revision. */
  readonly current: number;
  /** Pods whose proxy is on the target revision. */
  readonly target: number;
  /** Pods whose proxy is on neither. */
  readonly other: number;
  /** Pods that istiod does not report as connected and in sync; undefined where istiod was not asked. */
  readonly notInSync?: number;
}

/** One side of the upgrade. */
export interface ReleaseReport {
  readonly revision: string;
  readonly version: string;
}

/** What the run talks to. */
export interface ClusterReport {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  /** Kubernetes version, such as `v1.35.4`; absent before the server answered. */
  kubernetes?: string;
}

/**
 * Everything a run has to say, kept up to date as it goes: the summary, the outputs and the report file are
 * written from it. Serialised as it is; `schemaVersion` changes when a field changes its meaning.
 */
export interface Report {
  readonly schemaVersion: 1;
  readonly phase: Phase;
  readonly dryRun: boolean;
  readonly startedAt: string;
  finishedAt?: string;
  /** Undefined while the run goes on. */
  outcome?: Outcome;
  /** What happened, in one sentence. */
  headline: string;
  state?: UpgradeState;
  cluster?: ClusterReport;
  attempt?: string;
  from?: ReleaseReport;
  to?: ReleaseReport;
  readonly steps: StepReport[];
  findings: Finding[];
  /** The data plane, by namespace. Absent before it was looked at. */
  namespaces?: NamespaceReport[];
  namespacesMoved: string[];
  /** Workloads this run restarted, as `Kind namespace/name`. */
  workloadsRestarted: string[];
  /** Proxies that are not on the target, or not in sync with it; undefined where it could not be seen. */
  proxiesBehind?: number;
  rollback?: RollbackReport;
  /** What to do next, one or more sentences. */
  next: string;
  /** The phase to run next, or undefined when there is none. */
  nextPhase?: Phase;
  /** Base CRDs and other declared exceptions, told so that nobody is surprised. */
  notes: string[];
}

/** Whether there is a way back, and how. */
export interface RollbackReport {
  readonly ready: boolean;
  /** How to go back, or why there is no way back. */
  readonly how: string;
}
