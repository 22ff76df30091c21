import { untilNewer } from './advice.ts';
import { BEFORE_CANARY } from '../checks/index.ts';
import type { Beginning, Decision } from '../decide/decide.ts';
import { type Errand, Errands } from './errand.ts';
import { beAdmitted, greet, lookAgain, lookFirst } from './look.ts';
import { askPrecheck } from './own-precheck.ts';
import { fetchTarget, previousOf, targetOf } from './pair.ts';
import { withPlaneVersions } from './plane-versions.ts';
import { renderCanary } from './render-canary.ts';
import { withGateways } from './rendered.ts';
import type { Session } from './session.ts';
import { decided } from './settle.ts';
import { type Finding, hasError } from '../finding.ts';
import { checkHop } from '../istio/hop.ts';
import { parseVersion, tryParseVersion } from '../istio/version.ts';
import type { PrecheckAnswer } from '../istioctl/precheck.ts';
import type { Inputs, Strategy } from '../inputs.ts';
import type { View } from '../decide/upgrade.ts';
import type { ProvedIstioctl } from '../steps/context.ts';
import { BEFORE_CANARY_IN_PLACE } from '../checks/in-place/index.ts';
import { checkHopInPlace } from '../istio/hop-in-place.ts';
import { foreseeOlderRights } from './older-rights.ts';
import { weigh } from './weigh.ts';
import { installedFirst, weighMove } from './weigh-move.ts';
import { weighTarget, wouldInstall } from './weigh-target.ts';
import { notWhole, withWholeVersion } from './whole-version.ts';
import { noLongerPromoted } from './no-longer-promoted.ts';
import { STATES } from '../outcome.ts';
import type { Report } from '../report/report.ts';
import { describeDataPlane } from '../steps/data-plane.ts';
import { insistOnRights } from '../steps/denied.ts';
import { Refused } from '../steps/step.ts';
import { canary } from '../phases/canary.ts';
import { type Foresight, foreseePermissions } from '../phases/foresee-permissions.ts';

/** It speaks for canary and promote, whatever state the upgrade is in. */
const PRECHECK: Readonly<Record<Strategy, Beginning>> = {
  revision: { states: STATES, checks: BEFORE_CANARY },
  'in-place': { states: STATES, checks: BEFORE_CANARY_IN_PLACE },
};

/**
 * Looks whether an upgrade may begin, and writes nothing, ever (promise 1). It decides as the other phases do, and asks
 * beside it what only a precheck needs: what would be installed, which phases this credential may run, the target's own
 * `istioctl x precheck`, and the data plane as istiod sees it.
 */
export async function runPrecheck(session: Session, report: Report): Promise<void> {
  const errands = new Errands(session.deps.signal);
  try {
    await precheck(session, report, errands);
  } finally {
    await errands.callOff();
  }
}

async function precheck(session: Session, report: Report, errands: Errands): Promise<void> {
  const { inputs } = session;
  const beginning = PRECHECK[inputs.strategy];
  const { version } = inputs;
  if (version !== undefined) errands.begin((signal) => fetchTarget(session, version, signal));
  const kubernetes = await greet(session, report);
  await beAdmitted(session);
  // What needs nothing of the mesh is under way while that is read.
  const early = version === undefined ? undefined : askTarget(session, errands, version);
  const foreseeing = errands.begin(() => foreseePermissions(session.reader, inputs.istioNamespace));
  const facts = await withPlaneVersions(
    session,
    await withWholeVersion(session, await lookFirst(session, kubernetes)),
  );
  const cheap = decided(beginning, facts, report);
  if (cheap.kind === 'nothing') {
    report.outcome = 'no-changes';
    report.headline = `Nothing to upgrade: ${cheap.because}.`;
    report.next = untilNewer(inputs);
    report.findings.push(...cheap.findings);
    return;
  }
  // An istioctl of a version that may not be installed has nothing to add, and perhaps does not exist.
  if (cheap.view === undefined || stops(cheap, inputs))
    throw new Refused(cheap.kind === 'refused' ? cheap.findings : []);
  const { view: planned } = cheap;
  const { upgrade } = planned;
  report.findings.push(...notWhole(inputs, upgrade.to.version));
  const asked = early ?? askTarget(session, errands, upgrade.to.version);
  const target = await asked.target.result();
  const rendering =
    inputs.strategy === 'in-place'
      ? undefined
      : errands.begin((signal) => renderCanary(inputs, target, planned, signal));
  const known = await lookAgain(session, await withGateways(facts, upgrade, { to: target }, session), {
    // Precheck asks with the target's istioctl alone: the current one need not be had for it.
    istioctl: { from: target, to: target },
    upgrade,
    asks: ['from', 'to'],
  });
  const decision = decided(beginning, known, report);
  if (decision.kind === 'nothing' || decision.view === undefined) {
    throw new Refused(decision.kind === 'refused' ? decision.findings : []);
  }
  const { view } = decision;
  if (decision.kind === 'upgrade') {
    session.unproved = decision.unproved;
    report.notes.push(...noLongerPromoted(view, decision.state));
  }
  const found = await timed(report, 'checks', 'Go through the checks', () =>
    Promise.resolve([...decision.findings]),
  );
  const rendered = await timed(
    report,
    'rendered',
    'Look at what would be installed',
    async () => {
      if (rendering === undefined) return weighedBoth(session, target, view);
      const coming = await rendering.result();
      // Where promote or rollback is under way, canary installs nothing.
      const mayBegin = decision.kind === 'upgrade' && canary.states.includes(decision.state);
      const installs = mayBegin && (await wouldInstall(session, view, coming));
      const overwritten = installs ? await weighTarget(session, view, coming) : [];
      const moved = await weighMove(session, view, installedFirst(decision.state, coming));
      return [...coming.findings, ...overwritten, ...moved];
    },
    rendering,
  );
  let foreseen: Foresight = { findings: [], notCreatable: new Set() };
  await timed(
    report,
    'permissions',
    'Ask which phases this credential may run',
    async () => {
      foreseen = await foreseeing.result();
      // A viewer lacks them as well, and nothing that it should have.
      const looks = foreseen.findings.some(({ id }) => id === 'install-permission-missing');
      return [...foreseen.findings, ...(looks ? [] : await foreseeOlderRights(session, view))];
    },
    foreseeing,
  );
  const own = await timed(
    report,
    'istioctl-precheck',
    'Ask istioctl x precheck',
    async () => {
      const answer = await asked.precheck.result();
      // What the nightly viewer may not install is told above, not held against it, and not told again (T19).
      const unknown = answer.rights.filter(({ resource }) => !foreseen.notCreatable.has(resource));
      return [
        ...answer.findings,
        ...unknown.map(({ finding }): Finding => ({ ...finding, severity: 'info' })),
      ];
    },
    asked.precheck,
  );
  await timed(report, 'data-plane', 'Ask istiod who is connected', () => {
    const { revision } = upgrade.from;
    const status = known.status.from ?? {
      readable: false,
      reason: `there is no istiod of ${revision} that is ready`,
    };
    describeDataPlane({ report, upgrade }, view, { side: 'from', status });
    insistOnRights(status);
    const unseen: Finding[] = status.readable
      ? []
      : [
          {
            id: 'proxies-not-seen',
            severity: 'warning',
            message: `istiod of ${revision} did not say who is connected: ${status.reason}`,
            remedy: 'Canary needs this answer as its proof.',
          },
        ];
    return Promise.resolve(unseen);
  });
  if (hasError([...found, ...rendered, ...own])) throw new Refused([]);
  report.outcome = 'succeeded';
}

/** Has the target's istioctl, and asks it what needs nothing else. */
function askTarget(
  session: Session,
  errands: Errands,
  version: string,
): { readonly target: Errand<ProvedIstioctl>; readonly precheck: Errand<PrecheckAnswer> } {
  const target = errands.begin((signal) => targetOf(session, version, signal));
  // Its own time begins when there is an istioctl to ask.
  let asking: Errand<PrecheckAnswer> | undefined;
  const precheck = errands.begin(async () => {
    // Beside the call that shows whether istioctl gets through: whoever asks for this has asked for that before.
    const proved = await fetchTarget(session, version);
    asking = errands.begin((signal) => askPrecheck(proved, signal));
    return asking.result();
  });
  return {
    target,
    precheck: { result: precheck.result, durationMs: () => asking?.durationMs() ?? 0 },
  };
}

/** In place both releases' istioctl are needed for it: what a configuration loses only both can show (H52). */
async function weighedBoth(session: Session, to: ProvedIstioctl, view: View): Promise<Finding[]> {
  const from = await previousOf(session, view.upgrade);
  return [...(await weigh(session, { from, to }, view, true)).findings];
}

/** Whether the versions alone forbid it. */
function stops(
  decision: Exclude<Decision, { readonly kind: 'nothing' }>,
  { strategy, allowDowngrade }: Pick<Inputs, 'strategy' | 'allowDowngrade'>,
): boolean {
  const ids = new Set(decision.findings.filter(({ severity }) => severity === 'error').map(({ id }) => id));
  const { from, to } = decision.view?.upgrade ?? {};
  const older = tryParseVersion(from?.version ?? '');
  if (older === undefined || to === undefined) return true;
  const newer = parseVersion(to.version);
  const hop =
    strategy === 'revision' ? checkHop(older, newer) : checkHopInPlace(older, newer, allowDowngrade);
  return hop.some(({ id }) => ids.has(id));
}

/**
 * Runs one look as a step of the report, and takes its findings over.
 *
 * @param begun what was begun earlier, whose own time the step has
 */
async function timed(
  report: Report,
  id: string,
  title: string,
  look: () => Promise<Finding[]>,
  begun?: Pick<Errand<unknown>, 'durationMs'>,
): Promise<Finding[]> {
  const startedAt = Date.now();
  const row = { id, title, status: 'running' as Report['steps'][number]['status'], detail: '', changes: [] };
  report.steps.push(row);
  try {
    const findings = await look();
    report.findings.push(...findings);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    row.status = errors > 0 ? 'failed' : 'succeeded';
    row.detail =
      findings.length === 0
        ? 'nothing found'
        : `${String(findings.length)} findings, ${String(errors)} of them errors`;
    return findings;
  } catch (error) {
    row.status = 'failed';
    row.detail = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    Object.assign(row, { durationMs: begun?.durationMs() ?? Date.now() - startedAt });
  }
}
