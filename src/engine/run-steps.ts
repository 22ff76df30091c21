import type { Inputs } from '../inputs.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { StepReport } from '../report/report.ts';
import type { Context } from './context.ts';
import type { Glance } from './glance.ts';
import type { Step, View } from './step.ts';

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
  readonly mesh: Glance<Mesh>;
  readonly record: Glance<UpgradeRecord | undefined>;
  readonly phase: Inputs['phase'];
  /** Milliseconds left of the run's budget. */
  readonly remainingMs: () => number;
  /** Called after every change of the report. */
  readonly onReport: () => void;
  /** Whether steps may change something: only with the lock. Without, {@link Unsettled} is thrown where one would. */
  readonly mayChange: boolean;
}

/** A step and its row in the report. */
export interface PlannedStep {
  readonly step: Step;
  readonly row: StepReport;
}

/** The steps with their rows for the report: what each would change from what is there now. */
export function planSteps(steps: readonly Step[], view: View): PlannedStep[] {
  return steps.map((step) => ({
    step,
    row: { id: step.id, title: step.title, status: 'pending', detail: '', changes: step.plan?.(view) ?? [] },
  }));
}

/**
 * Runs steps in order: decides anew from what is there, skips what is done, stops at the first that fails. Looks again
 * before a step unless it was looked a moment ago and nothing was changed since. The engine alone knows order, groups,
 * timing and skipping.
 */
export async function runSteps(steps: readonly PlannedStep[], run: StepRun): Promise<void> {
  const { upgrade } = run.context;
  for (const [index, { step, row }] of steps.entries()) {
    run.context.signal.throwIfAborted();
    const view: View = { mesh: await run.mesh.recent(), record: await run.record.recent(), upgrade };
    if (step.plan !== undefined) {
      row.changes = step.plan(view);
      if (row.changes.length === 0) {
        row.status = 'skipped';
        row.detail = 'nothing to do: it is so already';
        continue;
      }
      if (!run.mayChange) throw new Unsettled(`"${step.title}" has something to do after all`);
    }
    await runStep(
      step,
      row,
      view,
      run,
      `[${run.phase} ${String(index + 1)}/${String(steps.length)}] ${step.title}`,
    );
    if (step.plan !== undefined) {
      run.mesh.outdate();
      run.record.outdate();
    }
  }
}

async function runStep(step: Step, row: StepReport, view: View, run: StepRun, title: string): Promise<void> {
  if (run.remainingMs() < LEAST_MS) {
    throw new OutOfTime(`the time of this run is used up before "${step.title}"`);
  }
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
          observe: () => run.mesh.now(),
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
