import type { Inputs } from '../inputs.ts';
import { recordOfUpgrade } from '../decide/credit.ts';
import type { View } from '../decide/upgrade.ts';
import { type Change, renderChange } from '../istio/change.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { StepReport } from '../report/report.ts';
import type { Context } from '../steps/context.ts';
import type { Step } from '../steps/step.ts';
import type { Glance } from './glance.ts';
import { installs, installsAfterAll } from './installing.ts';

/** A step is not begun with less than this left: it could not end well. */
const LEAST_MS = 5_000;

/** The run's budget is used up; the next run goes on. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Something is to be done after all: the cluster moved on since the steps were planned. */
export class Unsettled extends Error {
  override readonly name = 'Unsettled';
}

/** What running steps needs beside the steps. */
export interface StepRun {
  /** Everything of the context but the step's own clock. */
  readonly context: Omit<Context, 'remainingMs' | 'observe'>;
  /** What does not change while the steps run: whose upgrade it is, what was wrong before, what may stay behind. */
  readonly fixed: Pick<View, 'upgrade' | 'before' | 'accepted'>;
  /** Called before the first step that changes something: what is under way is on record before it is. */
  readonly begin: () => Promise<void>;
  readonly mesh: Glance<Mesh>;
  readonly record: Glance<UpgradeRecord | undefined>;
  readonly phase: Inputs['phase'];
  /** Milliseconds left of the run's budget. */
  readonly remainingMs: () => number;
  /** Called after every change of the report. */
  readonly onReport: () => void;
  /** Whether steps may change something: only with the lock. Without, {@link Unsettled} is thrown where one would. */
  readonly mayChange: boolean;
  /** Whether what steps would install was judged: it is, where something was to be installed when the run began. */
  readonly mayInstall: boolean;
}

/** A step and its row in the report. */
export interface PlannedStep {
  readonly step: Step;
  /** What it would change from what was seen; by it alone is decided whether there is anything to do. */
  readonly changes: readonly Change[];
  readonly row: StepReport;
}

/**
 * The steps with their rows for the report: what each would change from what is there now. A row shows what will be due when
 * its turn comes: also what only the steps before it make necessary, and not again what one of them does already.
 */
export function planSteps(steps: readonly Step[], view: View): PlannedStep[] {
  const shown = new Set<string>();
  return steps.map((step) => {
    const changes = step.plan?.(view) ?? [];
    const due = (step.foresee?.(view) ?? changes).map(renderChange);
    const first = due.filter((change) => !shown.has(change));
    first.forEach((change) => shown.add(change));
    return {
      step,
      changes,
      row: { id: step.id, title: step.title, status: 'pending', detail: '', changes: first },
    };
  });
}

/**
 * Runs steps in order: decides anew from what is there, skips what is done, stops at the first that fails. Looks again
 * before a step unless it was looked a moment ago and nothing was written since: each write makes what was seen outdated
 * (session.ts). The engine alone knows order, groups, timing and skipping.
 */
export async function runSteps(steps: readonly PlannedStep[], run: StepRun): Promise<void> {
  let begun = false;
  const look = async (): Promise<View> => {
    const mesh = await run.mesh.recent();
    const record = recordOfUpgrade(await run.record.recent(), mesh, run.fixed.upgrade);
    return { ...run.fixed, mesh, record };
  };
  for (const [index, { step, row }] of steps.entries()) {
    run.context.signal.throwIfAborted();
    let view = await look();
    if (step.plan !== undefined) {
      row.changes = step.plan(view).map(renderChange);
      if (row.changes.length === 0) {
        row.status = 'skipped';
        row.detail = 'nothing to do: it is so already';
        continue;
      }
      if (!run.mayChange) throw new Unsettled(`"${step.title}" has something to do after all`);
      if (!run.mayInstall && installs(step)) throw installsAfterAll(step.plan(view));
      if (!begun) {
        // Without time nothing is under way: the record stays as it is, in place the only word of the way back.
        insistOnTime(run, step.title);
        await run.begin();
        begun = true;
        view = await look();
      }
    }
    await runStep(
      step,
      row,
      view,
      run,
      `[${run.phase} ${String(index + 1)}/${String(steps.length)}] ${step.title}`,
    );
  }
}

function insistOnTime({ remainingMs }: StepRun, title: string): void {
  if (remainingMs() < LEAST_MS) throw new OutOfTime(`the time of this run is used up before "${title}"`);
}

async function runStep(step: Step, row: StepReport, view: View, run: StepRun, title: string): Promise<void> {
  insistOnTime(run, step.title);
  const startedAt = Date.now();
  const budget = Math.min(step.timeoutMs, run.remainingMs() - LEAST_MS / 2);
  row.status = 'running';
  run.onReport();
  try {
    row.detail = await run.context.log.group(title, async () => {
      row.changes.forEach((change) => {
        run.context.log.info(change);
      });
      const detail = await step.run(
        {
          ...run.context,
          // Where nothing is changed there is nothing to wait for, and what was seen a moment ago is what is there.
          observe: () => (run.mayChange ? run.mesh.now() : run.mesh.recent()),
          remainingMs: () => Math.max(budget - (Date.now() - startedAt), 0),
        },
        view,
      );
      run.context.log.info(detail);
      return detail;
    });
    row.status = 'succeeded';
  } catch (error) {
    row.status = run.context.signal.aborted ? 'cancelled' : 'failed';
    row.detail = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    row.durationMs = Date.now() - startedAt;
    run.onReport();
  }
}
