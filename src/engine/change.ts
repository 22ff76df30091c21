import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { differences } from '../decide/difference.ts';
import type { View } from '../decide/upgrade.ts';
import { hasError } from '../finding.ts';
import { isInPlace } from '../istio/side.ts';
import { goesDown } from '../istio/state-in-place.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import { writeRecord } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import { Refused } from '../steps/step.ts';
import { type Lock, acquireLock } from './lock.ts';
import { cniWayBack } from './cni-way-back.ts';
import { movedBy, recordOf } from './record-of.ts';
import { Errands } from './errand.ts';
import { beAdmitted, greet, lookAgain, lookFirst } from './look.ts';
import { fetchRecorded, fetchTarget, provedPair, targetOf } from './pair.ts';
import { withPlaneVersions } from './plane-versions.ts';
import { lostBy, renderCanary } from './render-canary.ts';
import { NOTHING_RENDERED, type Rendered, withGateways } from './rendered.ts';
import { installs } from './installing.ts';
import { insistOnOlderRights } from './older-rights.ts';
import { rememberStatus } from './remembered-status.ts';
import { insistOnSharedRights } from './shared-rights.ts';
import { changedByOthers } from '../istio/changed-by-others.ts';
import { UNWEIGHED, weigh, withoutInstalling } from './weigh.ts';
import { weighCanary } from './weigh-canary.ts';
import { weighMove } from './weigh-move.ts';
import { weighTarget } from './weigh-target.ts';
import { Unsettled, planSteps, runSteps } from './run-steps.ts';
import type { Session } from './session.ts';
import { begun, settle, stateAfter } from './settle.ts';
import { replacedSince } from './tripwire.ts';

/** Longest for giving the lock back, in milliseconds; a cancelled run has only some seconds for all. */
const RELEASE_MS = { cancelled: 2_000, ended: 15_000 } as const;

/**
 * Runs a phase that changes the cluster: looks and decides; with nothing to do it takes no lock and only sees whether all
 * is well; else lock, a second look and decision under it, steps.
 *
 * @throws what says that it did not succeed; the report holds what was done until then
 */
export async function runChangingPhase(
  phase: ChangingPhase,
  session: Session,
  report: Report,
  remainingMs: () => number,
): Promise<void> {
  const errands = new Errands(session.deps.signal);
  try {
    await change(phase, session, report, { remainingMs, errands });
  } finally {
    await errands.callOff();
  }
}

async function change(
  phase: ChangingPhase,
  session: Session,
  report: Report,
  { remainingMs, errands }: { readonly remainingMs: () => number; readonly errands: Errands },
): Promise<void> {
  const { inputs, deps } = session;
  const { version } = inputs;
  if (version !== undefined) errands.begin((signal) => fetchTarget(session, version, signal));
  const kubernetes = await greet(session, report);
  await beAdmitted(session);
  // While the mesh is read. These ask the cluster, which only who is admitted may.
  const recorded = errands.begin(() => session.record.now());
  errands.begin(async (signal) => fetchRecorded(session, await recorded.result(), signal));
  if (version !== undefined) errands.begin((signal) => targetOf(session, version, signal));
  const facts = await withPlaneVersions(session, await lookFirst(session, kubernetes, recorded.result));
  const cheap = settle(phase, facts, report);
  if (cheap.kind === 'nothing') {
    report.outcome = 'no-changes';
    report.headline = `Nothing to do: ${cheap.because}.`;
    report.next = 'Nothing.';
    report.findings.push(...cheap.findings);
    return;
  }
  session.decided = cheap.view;
  const istioctl = await provedPair(session, cheap.view.mesh, cheap.view.upgrade);
  const render = (view: View, signal: AbortSignal): Promise<Rendered> =>
    renderCanary(inputs, istioctl.to, view, signal);
  const { revision: coming } = cheap.view.upgrade.to;
  const rendering = phase.installs ? errands.begin((signal) => render(cheap.view, signal)) : undefined;
  const replaced = replacedSince(cheap.view.record, istioctl, cheap.view.upgrade, inputs);
  if (replaced.length > 0) throw new Refused(replaced);
  session.pair = istioctl;
  const known = await withGateways(facts, cheap.view.upgrade, istioctl, session);
  const asking = { istioctl, upgrade: cheap.view.upgrade, asks: phase.asks };
  const seen = await lookAgain(session, known, asking);
  const first = begun(settle(phase, seen, report));
  session.decided = first.view;
  report.findings.push(...first.findings);

  const { upgrade } = first.view;
  const rendered =
    rendering === undefined
      ? NOTHING_RENDERED
      : upgrade.to.revision === coming
        ? await rendering.result()
        : await render(first.view, deps.signal);
  await insistOnSharedRights(session, first.view, phase, rendered.objects);
  await insistOnOlderRights(session, first.view, phase);
  const weighed =
    phase.weighs === undefined
      ? UNWEIGHED
      : await weigh(session, istioctl, first.view, phase.weighs === 'begins');
  const wayBack = await cniWayBack(session, istioctl.from, first.view, phase, rendered.objects);
  if (phase.id === 'rollback' && wayBack.length > 0) throw new Refused(wayBack);
  const inTheWay = [
    ...rendered.findings,
    ...wayBack,
    ...weighed.findings,
    ...(phase.installs ? lostBy(rendered.objects, first.view.mesh, upgrade.to.revision) : []),
  ];
  const steps = phase.steps(inputs, rendered.objects, {
    renders: weighed.renders,
    down: isInPlace(upgrade) && goesDown(upgrade),
  });
  const planned = planSteps(steps, first.view);
  report.steps.push(...planned.map(({ row }) => row));
  const pending = planned.reduce((sum, { changes }) => sum + changes.length, 0);
  deps.publish(report);
  const mayInstall = planned.some(({ step, changes }) => installs(step) && changes.length > 0);
  const overwritten = mayInstall && phase.installs ? await weighTarget(session, first.view, rendered) : [];
  const unseen = await weighMove(session, first.view, rendered);
  const stopping = [...(mayInstall ? [...inTheWay, ...overwritten] : []), ...unseen];
  if (hasError(stopping)) throw new Refused(stopping);
  report.findings.push(
    ...(mayInstall ? weighed.findings : withoutInstalling(weighed.findings, phase.weighs === 'begins')),
    ...overwritten,
    ...unseen,
  );
  // What is left as somebody else has it is told by each run, not by the one alone that has installed.
  if (phase.installs)
    report.findings.push(
      ...(mayInstall
        ? await weighCanary(session, istioctl, first.view, rendered)
        : changedByOthers(first.view.mesh, rendered.objects)),
    );
  if (inputs.dryRun) {
    const shown = report.steps.reduce((sum, { changes }) => sum + changes.length, 0);
    report.outcome = shown === 0 ? 'no-changes' : 'succeeded';
    report.headline = `${shown === 0 ? 'Nothing' : `${String(shown)} things`} would change. Nothing was changed.`;
    for (const step of report.steps) step.status = 'not-run';
    return;
  }

  const remembered = rememberStatus(istioctl, seen.status);
  const base = { inputs, cluster: session.writer, istioctl, report, log: deps.log, runUrl: session.runUrl };
  const run = (view: View, signal: AbortSignal, mayChange: boolean): Promise<void> =>
    runSteps(planned, {
      mayChange,
      mayInstall,
      context: {
        ...base,
        istioctl: mayChange ? istioctl : remembered.pair,
        upgrade: view.upgrade,
        signal,
      },
      fixed: { upgrade: view.upgrade, before: view.before, accepted: view.accepted },
      begin: () =>
        writeRecord(
          session.writer,
          inputs.istioNamespace,
          recordOf(phase, view, istioctl, {
            run: session.runUrl,
            ...(mayInstall ? weighed.installed : {}),
            ...movedBy(planned, mayInstall && inputs.gateways === 'with-install', known.gateways),
          }),
        ),
      mesh: session.mesh,
      record: session.record,
      phase: phase.id,
      remainingMs,
      onReport: () => {
        deps.publish(report);
      },
    });

  if (pending === 0 && (await isSettled(run(first.view, deps.signal, false)))) {
    report.outcome = 'no-changes';
    report.headline = 'Nothing to do: everything is as this phase leaves it, and was seen to be so.';
    const after = await stateAfter(phase, session, { ...seen, status: remembered.latest() });
    report.state = after.state;
    session.unproved = after.unproved;
    return;
  }
  const lock = await takeLock(phase, session);
  try {
    // Others may have been at work until the lock was ours: it is decided again, from a fresh look.
    session.mesh.outdate();
    session.record.outdate();
    const again = begun(settle(phase, await lookAgain(session, known, asking), report));
    const changed = differences(first, again);
    if (changed.length > 0) throw new Refused(changed);
    session.decided = again.view;
    await run(again.view, AbortSignal.any([deps.signal, lock.lost]), true);
    report.outcome = phase.outcome;
    report.notes.push(...notesOf(planned.map(({ row }) => row)));
  } finally {
    const patience = deps.signal.aborted ? RELEASE_MS.cancelled : RELEASE_MS.ended;
    await Promise.race([
      lock.release().then(() => {
        session.useLock(undefined);
      }),
      sleep(patience, undefined, { ref: false }).then(() => Promise.reject(new Error('too late'))),
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
