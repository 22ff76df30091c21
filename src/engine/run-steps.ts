import type { Inputs } from '../inputs.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Report, StepReport } from '../report/report.ts';
import type { Context } from './context.ts';
import type { Step, View } from './step.ts';

/** A step is not begun with less than this left: it could not end well. */
const LEAST_MS = 5_000;

/** The run's budget is used up; the next run goes on. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** What running steps needs beside the steps. */
export interface StepRun {
  /** Everything of the context but the step's own clock. */
  readonly context: Omit<Context, 'remainingMs' | 'observe'>;
  readonly observe: () => Promise<Mesh>;
  readonly record: () => Promise<UpgradeRecord | undefined>;
  readonly phase: Inputs['phase'];
  /** Milliseconds left of the run's budget. */
  readonly remainingMs: () => number;
  /** Called after every change of the report. */
  readonly onReport: () => void;
}

/** Puts the steps into the report, with what each would change. */
export function planSteps(steps: readonly Step[], view: View, report: Report): number {
  let pending = 0;
  for (const step of steps) {
    const changes = step.plan?.(view) ?? [];
    pending += changes.length;
    report.steps.push({ id: step.id, title: step.title, status: 'pending', detail: '', changes });
  }
  return pending;
}

/**
 * Runs steps in order: looks, decides anew from what is there, skips what is done, stops at the first that fails. The
 * engine alone knows order, groups, timing and skipping.
 */
export async function runSteps(steps: readonly Step[], run: StepRun): Promise<void> {
  const { report, log, upgrade } = run.context;
  const rows = report.steps.slice(-steps.length);
  let mesh = await run.observe();
  let fresh = true;
  for (const [index, step] of steps.entries()) {
    const row = rows[index]!;
    run.context.signal.throwIfAborted();
    if (!fresh) mesh = await run.observe();
    fresh = true;
    const view: View = { mesh, record: await run.record(), upgrade };
    if (step.plan !== undefined) {
      row.changes = step.plan(view);
      if (row.changes.length === 0) {
        row.status = 'skipped';
        row.detail = 'nothing to do: it is so already';
        continue;
      }
    }
    await runStep(
      step,
      row,
      view,
      run,
      `[${run.phase} ${String(index + 1)}/${String(steps.length)}] ${step.title}`,
    );
    fresh = step.plan === undefined;
  }
  log.debug('all steps ended');
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
          observe: run.observe,
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
