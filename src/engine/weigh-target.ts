import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { type Naming, settingsOf } from '../istio/settings.ts';
import { proxiesOn, targetLoses } from '../istio/target-loss.ts';
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
  if (!isThere || coming.yaml === '' || installRevision(coming.objects).plan?.(view).length === 0) return [];
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
