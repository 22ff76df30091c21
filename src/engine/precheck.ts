import { BEFORE_CANARY } from '../checks/index.ts';
import type { Beginning, Decision } from '../decide/decide.ts';
import { lookAgain, lookFirst } from './look.ts';
import { withPlaneVersions } from './plane-versions.ts';
import { renderCanary } from './render-canary.ts';
import { withGateways } from './rendered.ts';
import type { Session } from './session.ts';
import { decided } from './settle.ts';
import { type Finding, hasError } from '../finding.ts';
import { checkHop } from '../istio/hop.ts';
import { deriveRevision } from '../istio/revision.ts';
import { compareVersions, parseVersion, tryParseVersion } from '../istio/version.ts';
import { newestOf } from '../istioctl/newest.ts';
import { offersOf } from '../istioctl/offers.ts';
import type { Inputs, Strategy } from '../inputs.ts';
import type { View } from '../decide/upgrade.ts';
import type { ProvedIstioctl } from '../steps/context.ts';
import { BEFORE_CANARY_IN_PLACE } from '../checks/in-place/index.ts';
import { checkHopInPlace } from '../istio/hop-in-place.ts';
import { weigh } from './weigh.ts';
import type { Facts } from '../decide/facts.ts';
import { STATES } from '../outcome.ts';
import type { Report } from '../report/report.ts';
import { describeDataPlane } from '../steps/data-plane.ts';
import { deniedOnTheWay, insistOnRights } from '../steps/denied.ts';
import { Inconclusive, Refused } from '../steps/step.ts';
import { type Foresight, foreseePermissions } from '../phases/foresee-permissions.ts';

const PRECHECK_MS = 5 * 60_000;

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
  const { inputs, deps } = session;
  const beginning = PRECHECK[inputs.strategy];
  const facts = await withPlaneVersions(
    session,
    await withWholeVersion(session, await lookFirst(session, report)),
  );
  const cheap = decided(beginning, facts, report);
  if (cheap.kind === 'nothing') {
    report.outcome = 'no-changes';
    report.headline = `Nothing to upgrade: ${cheap.because}.`;
    report.next = 'Nothing, until there is a newer version.';
    report.findings.push(...cheap.findings);
    return;
  }
  // An istioctl of a version that may not be installed has nothing to add, and perhaps does not exist.
  if (cheap.view === undefined || stops(cheap, inputs))
    throw new Refused(cheap.kind === 'refused' ? cheap.findings : []);
  const { upgrade } = cheap.view;
  const target = await session.istioctl(upgrade.to, inputs.istioctl, inputs.istioctlSha256);
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
  const { mesh } = view;
  const found = await timed(report, 'checks', 'Go through the checks', () =>
    Promise.resolve([...decision.findings]),
  );
  const rendered = await timed(report, 'rendered', 'Look at what would be installed', async () => {
    if (inputs.strategy === 'in-place') return weighedBoth(session, target, view);
    return [...(await renderCanary(session, target, view)).findings];
  });
  let foreseen: Foresight = { findings: [], notCreatable: new Set() };
  await timed(report, 'permissions', 'Ask which phases this credential may run', async () => {
    foreseen = await foreseePermissions(session.reader, inputs.istioNamespace);
    return [...foreseen.findings];
  });
  const own = await timed(report, 'istioctl-precheck', 'Ask istioctl x precheck', async () => {
    const ask = (): ReturnType<typeof target.istioctl.precheck> =>
      target.istioctl.precheck({ timeoutMs: PRECHECK_MS, signal: deps.signal });
    // Once more: the way to the cluster may have been bad for a moment.
    const first = await ask();
    const answer = first.readable ? first : await ask();
    if (!answer.readable) {
      throw new Inconclusive([
        ...deniedOnTheWay(answer.denied ?? []),
        {
          id: 'istioctl-precheck-not-seen',
          severity: 'error',
          message: `istioctl x precheck gave no answer that can be read: ${answer.reason}`,
          remedy:
            'Nothing is claimed. Check the permissions of this credential (docs/permissions.md) and run again.',
        },
      ]);
    }
    // What the nightly viewer may not install is told above, not held against it, and not told again (T19).
    const unknown = answer.rights.filter(({ resource }) => !foreseen.notCreatable.has(resource));
    return [...answer.findings, ...unknown.map(({ finding }): Finding => ({ ...finding, severity: 'info' }))];
  });
  await timed(report, 'data-plane', 'Ask istiod who is connected', () => {
    const { revision } = upgrade.from;
    const status = known.status.from ?? {
      readable: false,
      reason: `there is no istiod of ${revision} that is ready`,
    };
    describeDataPlane({ report, upgrade }, mesh, { side: 'from', status });
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

/**
 * A version as people write it becomes the newest that the release place offers of it (issue 11).
 *
 * @throws Refused where it offers none; AcquireError where it does not say
 */
async function withWholeVersion({ inputs, deps }: Session, facts: Facts): Promise<Facts> {
  const { wanted } = inputs;
  if (wanted === undefined) return facts;
  const versions = facts.mesh.planes.flatMap(({ version = '' }) => tryParseVersion(version) ?? []);
  const from = versions.sort(compareVersions).at(-1);
  const newest =
    from === undefined && wanted.kind === 'latest'
      ? undefined
      : await newestOf(wanted, {
          baseUrl: inputs.istioctlBaseUrl,
          from: from ?? { major: 1, minor: 0 },
          platform: process.platform,
          arch: process.arch,
          offers: offersOf(deps),
        });
  if (newest === undefined) {
    throw new Refused([
      {
        id: 'version-not-offered',
        severity: 'error',
        message:
          from === undefined && wanted.kind === 'latest'
            ? `which version is the next can't be told: no control plane in namespace ${inputs.istioNamespace} tells its own`
            : `${inputs.istioctlBaseUrl} offers no version that fits the input version`,
        remedy: 'Give a whole version such as 1.31.0, or correct the input istioctl-base-url.',
      },
    ]);
  }
  deps.log.info(`the newest version that fits is ${newest.text}: give the other phases this one`);
  const revision = inputs.revision ?? deriveRevision(newest);
  return { ...facts, inputs: { ...facts.inputs, version: newest.text, revision } };
}

/** In place both releases' istioctl are needed for it: what a configuration loses only both can show (H52). */
async function weighedBoth(session: Session, to: ProvedIstioctl, view: View): Promise<Finding[]> {
  const { previousIstioctl, previousIstioctlSha256 } = session.inputs;
  const from = await session.istioctl(view.upgrade.from, previousIstioctl, previousIstioctlSha256);
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

/** Runs one look as a step of the report, and takes its findings over. */
async function timed(
  report: Report,
  id: string,
  title: string,
  look: () => Promise<Finding[]>,
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
    Object.assign(row, { durationMs: Date.now() - startedAt });
  }
}
