import type { View } from './decide/upgrade.ts';
import { advise } from './engine/advice.ts';
import { runChangingPhase } from './engine/change.ts';
import { Cancelled, endingOf } from './engine/ending.ts';
import { lookLast } from './engine/look.ts';
import { type Deps, type Session, openSession } from './engine/session.ts';
import { usageOf } from './engine/usage.ts';
import { toldOnce } from './finding.ts';
import type { Inputs } from './inputs.ts';
import { type Outcome, exitCode } from './outcome.ts';
import { CHANGING } from './phases/phases.ts';
import { runPrecheck } from './engine/precheck.ts';
import { peakKb } from './process/peak.ts';
import { total } from './report/data-plane.ts';
import type { Report } from './report/report.ts';
import { describeDataPlane } from './steps/data-plane.ts';

/** When the last look at the cluster is given up, in milliseconds; a cancelled run has only some seconds for all. */
const LAST_LOOK_MS = { cancelled: 1_000, ended: 15_000 } as const;

/**
 * How long the last look may take, in milliseconds: of a cancelled run from its cancellation on, so that it does not come
 * on top of the time that giving the lock back took (issue 15: ended within 2 s, however large the mesh).
 */
export function lastLookMs({ aborted, reason }: AbortSignal): number {
  if (!aborted) return LAST_LOOK_MS.ended;
  const sinceMs = reason instanceof Cancelled ? performance.now() - reason.at : 0;
  return Math.max(LAST_LOOK_MS.cancelled - sinceMs, 0);
}

/** A report of a run that has just begun. */
export function newReport(phase: Inputs['phase'], dryRun: boolean): Report {
  return {
    schemaVersion: 1,
    phase,
    dryRun,
    startedAt: new Date().toISOString(),
    headline: 'Under way.',
    steps: [],
    findings: [],
    namespacesMoved: [],
    workloadsRestarted: [],
    next: '',
    notes: [],
  };
}

/**
 * Runs one phase to its end. Never throws: how it ended is in the report, which is published as it grows and once more
 * at the end (promise 9).
 *
 * @param remainingMs milliseconds left of the run's budget
 */
export async function run(
  inputs: Inputs,
  deps: Deps,
  report: Report,
  remainingMs: () => number,
): Promise<void> {
  let session: Session | undefined;
  deps.signal.addEventListener('abort', () => tellCancelled(report, deps, session?.touched ?? false), {
    once: true,
  });
  try {
    session = await openSession(inputs, deps, report);
    if (inputs.phase === 'precheck') await runPrecheck(session, report);
    else await runChangingPhase(CHANGING[inputs.strategy][inputs.phase], session, report, remainingMs);
  } catch (error) {
    const ending = endingOf(
      error,
      session?.touched ?? false,
      deps.signal.aborted ? deps.signal.reason : undefined,
    );
    report.outcome = ending.outcome;
    report.findings.push(...ending.findings);
    // Cancelled, there may be no time for a last look: what is known is told before it.
    if (deps.signal.aborted) deps.publish({ ...report, headline: headlineOf(report) });
  }
  for (const step of report.steps) {
    if (step.status === 'pending' || step.status === 'running') step.status = 'not-run';
  }
  const view = await lastLook(session, report);
  advise(report, view, session?.unproved);
  report.findings = toldOnce(report.findings);
  if (session !== undefined) {
    const { reader, writer, keeper } = session;
    deps.log.debug(usageOf([reader, writer, keeper], peakKb()));
  }
  report.headline = headlineOf(report);
  report.finishedAt = new Date().toISOString();
  deps.publish(report);
}

/** Who cancels a run may end it soon after: that it was cancelled is told before anything is wound up (issue 15). */
function tellCancelled(report: Report, { signal, publish }: Deps, touched: boolean): void {
  // What has ended already is not undone by being cancelled while the last look goes on.
  if (!(signal.reason instanceof Cancelled) || report.outcome !== undefined) return;
  const { outcome, findings } = endingOf(signal.reason, touched, signal.reason);
  report.outcome = outcome;
  const told = { ...report, findings: [...report.findings, ...findings] };
  publish({ ...told, headline: headlineOf(told) });
}

/**
 * Where the cluster stands after all. Where something was touched and the cluster does not answer any more, no state is
 * said: the last one that was seen may be long past (M13). A run that has written nothing stands where it was decided.
 */
export async function lastLook(session: Session | undefined, report: Report): Promise<View | undefined> {
  const decided = session?.decided;
  if (session === undefined || decided === undefined) return undefined;
  const untouched = !session.touched && !session.recorded;
  if (untouched && report.outcome !== 'cancelled') return decided;
  const succeeded = report.outcome !== undefined && exitCode(report.outcome) === 0;
  const timer = new Promise<undefined>((resolve) => {
    setTimeout(resolve, lastLookMs(session.deps.signal), undefined).unref();
  });
  const seen = await Promise.race([lookLast(session, decided, succeeded).catch(() => undefined), timer]);
  if (seen === undefined) {
    if (untouched) return decided;
    delete report.state;
    delete report.namespaces;
    delete report.proxiesBehind;
    return undefined;
  }
  // Cancelled it asks no istiod any more: what one said of the canary when this run was decided stands while nothing was written.
  const stands = untouched && report.state === 'canary' && seen.state === 'canarying';
  if (!stands) report.state = seen.state;
  session.unproved = seen.unproved;
  if (!countedLast(report)) describeDataPlane({ report, upgrade: seen.view.upgrade }, seen.view);
  return seen.view;
}

/** Whether the last thing done was to count the proxies: then nothing truer can be said of them, least of all of their sync. */
function countedLast({ outcome, steps }: Report): boolean {
  const last = steps.findLast(({ status }) => status === 'failed')?.id;
  return outcome === 'succeeded' || outcome === 'rolled-back' || last === 'verify-proxies';
}

const SAYS: Readonly<Record<Outcome, string>> = {
  succeeded: 'did its work, and it was seen to be so',
  'no-changes': 'had nothing to do',
  refused: 'was refused; nothing was touched',
  failed: 'did not succeed',
  inconclusive: 'could not be proved to have succeeded',
  'rolled-back': 'put everything back, and it was seen to be so',
  cancelled: 'was cancelled',
};

const NOT_ALL_BACK = 'put back all but the settings that were allowed to change, and it was seen to be so';

const NOT_ALL_OF_GATEWAYS =
  'put back all but what its gateways had and the given configuration does not make, and it was seen to be so';

/** In place, by leave. What only is as it was before, broken or out of sync, is back all the same. */
function notAllProxies(count: number, version = ''): string {
  const what = count === 1 ? '1 proxy, which stays' : `${String(count)} proxies, which stay`;
  return `put back all but ${what} on ${version}, and it was seen to be so`;
}

function saysOf(outcome: Outcome, { findings, namespaces = [], to }: Report): string {
  if (outcome !== 'rolled-back') return SAYS[outcome];
  if (findings.some(({ id }) => id === 'given-up-not-restored')) return NOT_ALL_BACK;
  if (findings.some(({ id }) => id === 'gateway-differs-from-configuration')) return NOT_ALL_OF_GATEWAYS;
  const { target } = total(namespaces);
  return target > 0 ? notAllProxies(target, to?.version) : SAYS[outcome];
}

/** One sentence: which phase, from what to what, how it ended, and why it did not end well. */
export function headlineOf(report: Report): string {
  if (report.outcome === undefined) return report.headline;
  const { phase, from, to } = report;
  const way = [from?.version === '' ? 'the old version' : from?.version, to?.version];
  const versions =
    from === undefined || to === undefined ? '' : (phase === 'rollback' ? way.reverse() : way).join(' → ');
  const first = report.findings.find(({ severity }) => severity === 'error');
  const cause =
    first === undefined || ['succeeded', 'no-changes', 'rolled-back'].includes(report.outcome)
      ? ''
      : ` ${first.object === undefined ? '' : `${first.object}: `}${first.message}`;
  const what =
    report.headline === 'Under way.'
      ? `${report.phase} ${versions} ${saysOf(report.outcome, report)}.`
      : report.headline;
  return `${what.replace(/ +/g, ' ')}${cause}`;
}
