import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { alongChanges } from '../istio/along.ts';
import { stillDue } from '../istio/changed-by-others.ts';
import { contentOf } from '../istio/content.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { istiodName } from '../istio/revision.ts';
import { type Naming, settingsOf } from '../istio/settings.ts';
import { proxiesOn, targetLoses } from '../istio/target-loss.ts';
import { readObjects } from '../istioctl/manifest.ts';
import { servesTarget } from '../steps/install-revision.ts';
import { comparedKinds, liveSettings } from './live-settings.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the rendering of a canary that would install against the target itself, where that is there already. What a first
 * installation that was stopped has left, before there was an istiod, is nobody's setting.
 *
 * @throws what reading the cluster throws
 */
export async function weighTarget(session: Session, view: View, coming: Rendered): Promise<Finding[]> {
  const { upgrade, mesh } = view;
  const { revision, version } = upgrade.to;
  const { istioNamespace, acknowledge: acknowledged } = session.inputs;
  const proxies = proxiesOn(mesh, revision);
  const isThere = proxies > 0 || planeOfRevision(mesh, revision) !== undefined;
  if (!isThere || coming.yaml === '') return [];
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

/**
 * Whether canary would install, for a precheck: it has not listed what istioctl owns, and reads what tells configurations apart.
 *
 * @throws what reading the cluster throws
 */
export async function wouldInstall(
  { inputs, reader }: Session,
  { mesh, record, upgrade: { to } }: View,
  coming: Rendered,
): Promise<boolean> {
  const due = stillDue(coming.objects, record);
  if (!servesTarget(mesh, to) || alongChanges(due, mesh, to).length > 0) return true;
  const told = [
    ['Deployment', istiodName(to.revision)],
    ['ConfigMap', `istio-${to.revision}`],
    ['ConfigMap', `istio-sidecar-injector-${to.revision}`],
  ] as const;
  for (const [kind, name] of told) {
    const wanted = due.find((object) => object.kind === kind && object.name === name)?.content;
    if (wanted === undefined) continue;
    const live = await reader.get(kind, name, inputs.istioNamespace);
    if (live === undefined || contentOf({ ...live, kind }) !== wanted) return true;
  }
  return false;
}
