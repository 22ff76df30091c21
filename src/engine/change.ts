import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangingPhase } from '../phases/phase.ts';
import { hasError } from '../finding.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { stateOf } from '../istio/state.ts';
import { type UpgradeRecord, writeRecord } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import { describeDataPlane } from '../steps/data-plane.ts';
import { installConfiguration } from '../steps/install-revision.ts';
import type { Context, ProvedIstioctl } from './context.ts';
import { type Lock, acquireLock } from './lock.ts';
import { prepare } from './prepare.ts';
import { NOTHING_RENDERED, renderTarget } from './rendered.ts';
import { Unsettled, planSteps, runSteps } from './run-steps.ts';
import type { Session } from './session.ts';
import { replacedSince } from './tripwire.ts';
import { Refused, type View } from './step.ts';
import type { Upgrade } from './upgrade.ts';

/** Longest for giving the lock back, in milliseconds; a cancelled run has only some seconds for all. */
const RELEASE_MS = { cancelled: 2_000, ended: 15_000 } as const;

/** What the run has done to the cluster so far, for whoever tells how it ended. */
export interface Progress {
  /** Set once a step that changes something may have begun. */
  touched: boolean;
  /** The upgrade, once it is known what the run is about. */
  upgrade?: Upgrade;
}

/**
 * Runs a phase that changes the cluster: looks first; with nothing to do it takes no lock and only sees whether all is
 * well; else lock, record, steps.
 *
 * @throws what says that it did not succeed; the report holds what was done until then
 */
export async function runChangingPhase(
  phase: ChangingPhase,
  session: Session,
  report: Report,
  progress: Progress,
  remainingMs: () => number,
): Promise<void> {
  const { inputs, deps } = session;
  const { kubernetes, mesh, record, resolution } = await prepare(session, report);
  if (resolution.kind === 'refused') throw new Refused(resolution.findings);
  if (resolution.kind === 'nothing') {
    report.outcome = 'no-changes';
    report.headline = `Nothing to do: ${resolution.because}.`;
    report.next = 'Nothing.';
    return;
  }
  const { upgrade } = resolution;
  progress.upgrade = upgrade;
  const view: View = { mesh, record, upgrade };
  describeDataPlane({ report, upgrade }, mesh);
  refuseWrongState(phase, report);

  const findings = phase.checks.flatMap((check) => check({ ...view, kubernetes }));
  if (hasError(findings)) throw new Refused(findings);
  report.findings.push(...findings);

  const istioctl = await provedPair(session, mesh, upgrade);
  const replaced = replacedSince(record, istioctl, upgrade, inputs);
  if (replaced.length > 0) throw new Refused(replaced);
  const what = { revision: upgrade.to.revision, ...installConfiguration({ inputs }) };
  const rendered = phase.installs ? await renderTarget(istioctl.to, what, deps.signal) : NOTHING_RENDERED;
  const steps = planSteps(phase.steps(inputs, rendered.objects), view);
  report.steps.push(...steps.map(({ row }) => row));
  const pending = steps.reduce((sum, { row }) => sum + row.changes.length, 0);
  deps.publish(report);
  const installs = steps.some(({ row }) => row.id === 'install-revision' && row.changes.length > 0);
  if (installs && hasError(rendered.findings)) throw new Refused(rendered.findings);
  if (inputs.dryRun) {
    report.outcome = pending === 0 ? 'no-changes' : 'succeeded';
    report.headline = `${pending === 0 ? 'Nothing' : `${String(pending)} things`} would change. Nothing was changed.`;
    for (const step of report.steps) step.status = 'not-run';
    return;
  }

  const base = {
    inputs,
    cluster: session.writer,
    istioctl,
    upgrade,
    report,
    log: deps.log,
    runUrl: session.runUrl,
  };
  const run = (signal: AbortSignal, mayChange: boolean): Promise<void> =>
    runSteps(steps, {
      mayChange,
      context: { ...base, signal },
      mesh: session.mesh,
      record: session.record,
      phase: phase.id,
      remainingMs,
      onReport: () => {
        deps.publish(report);
      },
    });

  if (pending === 0 && (await isSettled(run(deps.signal, false)))) {
    report.outcome = 'no-changes';
    report.headline = 'Nothing to do: everything is as this phase leaves it, and was seen to be so.';
    report.state = stateOf(await session.mesh.recent(), record, upgrade);
    return;
  }
  const lock = await takeLock(phase, session);
  try {
    await refuseStale(session, record);
    progress.touched = true;
    await writeRecord(
      session.writer,
      inputs.istioNamespace,
      recordOf(phase, { record, mesh, upgrade, istioctl, runUrl: session.runUrl }),
    );
    // Others may have been at work until the lock was ours.
    session.mesh.outdate();
    session.record.outdate();
    const signal = AbortSignal.any([deps.signal, lock.lost]);
    await run(signal, true);
    report.outcome = phase.outcome;
    report.notes.push(...notesOf(steps.map(({ row }) => row)));
  } finally {
    const patience = deps.signal.aborted ? RELEASE_MS.cancelled : RELEASE_MS.ended;
    await Promise.race([
      lock.release(),
      sleep(patience).then(() => Promise.reject(new Error('too late'))),
    ]).catch(() => {
      deps.log.warn('the lock could not be released in time; it runs out by itself in 30 s');
    });
  }
}

/** The declared exception of promise 6, told where it applies. */
function notesOf(rows: readonly { readonly id: string; readonly status: string }[]): string[] {
  if (!rows.some(({ id, status }) => id === 'install-revision' && status === 'succeeded')) return [];
  return [
    'Installing renewed the base CRDs and istio-reader-service-account, which all revisions share. They never go back, also not by rollback.',
  ];
}

/** Whether the steps found nothing to do; pods may have come or gone since they were planned. */
async function isSettled(run: Promise<void>): Promise<boolean> {
  try {
    await run;
    return true;
  } catch (error) {
    if (error instanceof Unsettled) return false;
    throw error;
  }
}

function refuseWrongState(phase: ChangingPhase, { state }: Report): void {
  if (state === undefined || phase.states.includes(state)) return;
  throw new Refused([
    {
      id: 'wrong-state',
      severity: 'error',
      message: `the upgrade is in state ${state}, from which ${phase.id} can't go on`,
      remedy: {
        canary: 'Finish what is under way: run the phase that began it again, or rollback.',
        promote: 'Run canary (again) until it succeeds, then promote. Or run rollback.',
        rollback: 'There is nothing left to go back to. docs/rollback.md says how to go back by hand.',
        precheck: '',
      }[phase.id],
    },
  ]);
}

/** What was decided on was read before the lock was taken: another run may have come in between. */
async function refuseStale(session: Session, record: UpgradeRecord | undefined): Promise<void> {
  const now = await session.record.now();
  if (JSON.stringify(now) === JSON.stringify(record)) return;
  throw new Refused([
    {
      id: 'changed-meanwhile',
      severity: 'error',
      message: `another run wrote the record while this one waited for the lock (${now?.run ?? 'it is gone'})`,
      remedy: 'Look at what it did, then run this phase again: it decides anew from what is there.',
    },
  ]);
}

/** Both binaries, the old one too: the way back must be there before the way forward is begun (H42). */
async function provedPair(session: Session, mesh: Mesh, { from, to }: Upgrade): Promise<Context['istioctl']> {
  const target = await session.istioctl(to, session.inputs.istioctl, session.inputs.istioctlSha256);
  if (planeOfRevision(mesh, from.revision) === undefined) return { to: target, from: target };
  return {
    to: target,
    from: await session.istioctl(
      from,
      session.inputs.previousIstioctl,
      session.inputs.previousIstioctlSha256,
    ),
  };
}

async function takeLock(phase: ChangingPhase, session: Session): Promise<Lock> {
  const { deps, inputs, runUrl } = session;
  const env = (name: string): string => deps.env[name] ?? 'local';
  const lock = await acquireLock(session.keeper, {
    namespace: inputs.istioNamespace,
    holder: `${env('GITHUB_REPOSITORY')}/${env('GITHUB_RUN_ID')}/${env('GITHUB_RUN_ATTEMPT')}/${randomUUID()}`,
    runUrl,
    insist: phase.insists,
    signal: deps.signal,
    onWait: (message) => {
      deps.log.info(message);
    },
  });
  session.useLock(lock);
  return lock;
}

function recordOf(
  phase: ChangingPhase,
  now: {
    readonly record: UpgradeRecord | undefined;
    readonly mesh: Mesh;
    readonly upgrade: Upgrade;
    readonly istioctl: { readonly to: ProvedIstioctl; readonly from: ProvedIstioctl };
    readonly runUrl: string;
  },
): UpgradeRecord {
  const { record, mesh, upgrade, istioctl } = now;
  const mine = record?.attempt === upgrade.attempt ? record : undefined;
  const before = mine?.before ?? {
    defaultInjector: upgrade.from.revision,
    defaultValidator: mesh.defaultValidator ?? null,
    tags: Object.fromEntries(mesh.tags.map(({ tag, revision }) => [tag, revision])),
  };
  return {
    schemaVersion: 1,
    attempt: upgrade.attempt,
    from: upgrade.from,
    to: upgrade.to,
    istioctl: { ...mine?.istioctl, from: mine?.istioctl.from ?? istioctl.from.proof, to: istioctl.to.proof },
    before,
    // A removal that has begun stays one, whichever promote goes on with it.
    intent: phase.intent === 'promote' && mine?.removing !== undefined ? 'remove' : phase.intent,
    ...(phase.intent === 'promote' && mine?.removing !== undefined ? { removing: mine.removing } : {}),
    run: now.runUrl,
    writtenAt: new Date().toISOString(),
  };
}
