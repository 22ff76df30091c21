import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { canaryLacks } from '../istio/configuration-loss.ts';
import { CA_ADDRESS, leadsTo } from '../istio/istiod-address.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { type Naming, type Settings, settingsOf } from '../istio/settings.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Context } from '../steps/context.ts';
import { installConfiguration } from '../steps/install-revision.ts';
import { comparedKinds, liveSettings } from './live-settings.ts';
import { type Rendered, renderTarget } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the canary's rendering against the control plane that runs beside it (issue 14: the same comparison as in place,
 * there a warning). What the current release's own istioctl makes of the same configuration is no difference.
 *
 * @throws what reading the cluster throws; UnfaithfulSetValue
 */
export async function weighCanary(
  session: Session,
  istioctl: Context['istioctl'],
  { upgrade: { from, to }, mesh }: View,
  coming: Rendered,
): Promise<Finding[]> {
  if (planeOfRevision(mesh, from.revision)?.owner !== 'istioctl' || coming.yaml === '') return [];
  const { inputs, deps } = session;
  const what = { revision: from.revision, ...installConfiguration({ inputs }) };
  const leaving = await renderTarget(istioctl.from, what, deps.signal);
  if (leaving.yaml === '') return [];
  const namingOf = ({ revision }: { readonly revision: string }): Naming => ({
    istioNamespace: inputs.istioNamespace,
    versions: [from.version, to.version],
    revision,
    // Accounts and roles follow from the release.
    kinds: comparedKinds('precheck'),
  });
  const settings = ({ yaml }: Rendered, of: { readonly revision: string }): Settings =>
    settingsOf(readObjects(yaml), namingOf(of));
  const live = await liveSettings(session, from.revision, [inputs.istioNamespace], namingOf(from));
  // Its own address, written down: istioctl fills in the canary's, and the old one's is refused.
  const withoutOwn = (all: Settings): Settings =>
    new Map(
      [...all].filter(
        ([key, value]) => key !== CA_ADDRESS || !leadsTo(value, from.revision, inputs.istioNamespace),
      ),
    );
  return canaryLacks({
    live: { applied: withoutOwn(live.applied), whole: withoutOwn(live.whole) },
    leaving: settings(leaving, from),
    coming: settings(coming, to),
    told: mesh.installedGateways.map(({ name }) => name),
  });
}
