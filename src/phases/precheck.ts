import { hop } from '../checks/hop.ts';
import { BEFORE_CANARY } from '../checks/index.ts';
import { prepare } from '../engine/prepare.ts';
import { renderTarget } from '../engine/rendered.ts';
import type { Session } from '../engine/session.ts';
import { Inconclusive, Refused } from '../engine/step.ts';
import { type Finding, hasError } from '../finding.ts';
import type { Report } from '../report/report.ts';
import { describeDataPlane } from '../steps/data-plane.ts';
import { deniedOnTheWay, insistOnRights } from '../steps/denied.ts';
import { installConfiguration } from '../steps/install-revision.ts';
import { type Foresight, foreseePermissions } from './foresee-permissions.ts';

const PRECHECK_MS = 5 * 60_000;
const ASK_MS = 60_000;

/**
 * Looks whether an upgrade may begin, and writes nothing, ever (promise 1): the catalogue of checks, the target's own
 * `istioctl x precheck`, and the data plane as istiod sees it.
 */
export async function runPrecheck(session: Session, report: Report): Promise<void> {
  const { inputs, deps } = session;
  const { kubernetes, mesh, record, resolution } = await prepare(session, report);
  if (resolution.kind === 'refused') throw new Refused(resolution.findings);
  if (resolution.kind === 'nothing') {
    report.outcome = 'no-changes';
    report.headline = `Nothing to upgrade: ${resolution.because}.`;
    report.next = 'Nothing, until there is a newer version.';
    return;
  }
  const { upgrade } = resolution;
  describeDataPlane({ report, upgrade }, mesh);
  const seen = { mesh, record, upgrade, kubernetes };
  const found = await timed(report, 'checks', 'Go through the checks', () =>
    Promise.resolve(BEFORE_CANARY.flatMap((check) => check(seen))),
  );
  // An istioctl of a version that may not be installed has nothing to add, and perhaps does not exist.
  if (hasError(hop(seen))) throw new Refused([]);
  const target = await session.istioctl(upgrade.to, inputs.istioctl, inputs.istioctlSha256);
  const rendered = await timed(report, 'rendered', 'Look at what would be installed', async () => {
    const what = { revision: upgrade.to.revision, ...installConfiguration({ inputs }) };
    return [...(await renderTarget(target, what, deps.signal)).findings];
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
  await timed(report, 'data-plane', 'Ask istiod who is connected', async () => {
    const { revision } = upgrade.from;
    const status = await target.istioctl.proxyStatus(
      { revision },
      { timeoutMs: ASK_MS, signal: deps.signal },
    );
    describeDataPlane({ report, upgrade }, mesh, { revision, status });
    insistOnRights(status);
    return status.readable
      ? []
      : [
          {
            id: 'proxies-not-seen',
            severity: 'warning',
            message: `istiod of ${revision} did not say who is connected: ${status.reason}`,
            remedy: 'Canary needs this answer as its proof.',
          } satisfies Finding,
        ];
  });
  if (hasError([...found, ...rendered, ...own])) throw new Refused([]);
  report.outcome = 'succeeded';
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
