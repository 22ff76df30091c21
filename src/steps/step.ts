import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { Change } from '../istio/change.ts';
import type { Context } from './context.ts';

/** One named unit of a phase. */
export interface Step {
  readonly id: string;
  /** Verb and object, as the summary shows it. */
  readonly title: string;
  /**
   * What this step would change, from what is observed; empty when there is nothing left to do, and then the step is
   * skipped. A step without it only looks, and runs every time.
   *
   * `dry-run` shows this and withholds `run`: no step looks at a flag.
   */
  readonly plan?: (view: View) => readonly Change[];
  /**
   * What its plan will be once the steps before it are through, where that can't be told from what is there now. Shown until
   * the step's turn comes, and decides nothing.
   */
  readonly foresee?: (view: View) => readonly Change[];
  /**
   * Does it, or looks.
   *
   * @returns what was done or seen, in one sentence
   * @throws StepFailed, Inconclusive, or what the cluster and istioctl throw
   */
  readonly run: (context: Context, view: View) => Promise<string>;
  /** Longest time for this step, in milliseconds; never beyond the run's own. */
  readonly timeoutMs: number;
}

/** A step did not do what it should have; what was found says why and what to do. */
export class StepFailed extends Error {
  override readonly name: string = 'StepFailed';
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(findings.map(({ message }) => message).join('; '));
    this.findings = findings;
  }
}

/** The evidence could not be had: nothing is claimed either way (promise 8). */
export class Inconclusive extends StepFailed {
  override readonly name = 'Inconclusive';
}

/** The phase can't be done here and now; nothing was touched. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(findings.map(({ message }) => message).join('; '));
    this.findings = findings;
  }
}
