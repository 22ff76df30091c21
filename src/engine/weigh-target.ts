import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { alongChanges } from '../istio/along.ts';
import { stillDue } from '../istio/changed-by-others.ts';
import { contentOf } from '../istio/content.ts';
import { isServing } from '../istio/health.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { istiodName } from '../istio/revision.ts';
import { type Naming, settingsOf } from '../istio/settings.ts';
import { proxiesOn, targetLoses } from '../istio/target-loss.ts';
import { sameRelease } from '../istio/version.ts';
import { readObjects } from '../istioctl/manifest.ts';
import { installRevision } from '../steps/install-revision.ts';
import { comparedKinds, liveSettings } from './live-settings.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the canary's rendering against the target itself, where that is there already and would be installed again. What a
 * first installation that was stopped has left, before there was an istiod, is nobody's setting.
 *
 * @throws what reading the cluster throws
 */
export async function weighTarget(session: Session, view: View, coming: Rendered): Promise<Finding[]> {
  const { upgrade, mesh } = view;
  const { revision, version } = upgrade.to;
  const { istioNamespace, acknowledge: acknowledged } = session.inputs;
  const proxies = proxiesOn(mesh, revision);
  const isThere = proxies > 0 || planeOfRevision(mesh, revision) !== undefined;
  if (!isThere || coming.yaml === '' || !(await isDue(session, view, coming))) return [];
  const naming: Naming = {
    istioNamespace,
    versions: [version],
    revision,
    // Accounts and roles follow from the release.
    kinds: comparedKinds('precheck'),
  };
  return targetLoses(
    {
      live: await liveSettings(session, revision, [istioNamespace], naming),
      coming: settingsOf(readObjects(coming.yaml), naming),
      // Promote and rollback move them, and weigh them then.
      told: mesh.installedGateways.map(({ name }) => name),
    },
    { proxies, acknowledged },
  );
}

/** Whether canary would install. A precheck has not listed what istioctl owns: it reads what tells configurations apart. */
async function isDue({ inputs, reader }: Session, view: View, coming: Rendered): Promise<boolean> {
  if (inputs.phase !== 'precheck') return installRevision(coming.objects).plan?.(view).length !== 0;
  const { mesh, record } = view;
  const { to } = view.upgrade;
  const plane = planeOfRevision(mesh, to.revision);
  const isOther = plane?.version !== undefined && !sameRelease(plane.version, to.version);
  const due = stillDue(coming.objects, record);
  if (!isServing(plane) || isOther || alongChanges(due, mesh, to).length > 0) return true;
  const told = [
    ['Deployment', istiodName(to.revision)],
    ['ConfigMap', `istio-${to.revision}`],
    ['ConfigMap', `istio-sidecar-injector-${to.revision}`],
  ] as const;
  for (const [kind, name] of told) {
    const wanted = due.find((object) => object.kind === kind && object.name === name)?.content;
    const live = await reader.get(kind, name, inputs.istioNamespace);
    if (wanted !== undefined && (live === undefined || contentOf({ ...live, kind }) !== wanted)) return true;
  }
  return false;
}
