import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { addressesIn, ledElsewhere } from '../istio/istiod-address.ts';
import { treeOf } from '../istio/leaves.ts';
import { injectorConfigName, meshConfigName } from '../istio/mesh-config.ts';
import { isInPlace } from '../istio/side.ts';
import type { Phase } from '../outcome.ts';
import type { Session } from './session.ts';
import type { TargetConfigMaps } from './target-config-map.ts';
import { isThrough } from './through.ts';

/**
 * Looks whether the target leads its proxies to the istiod of another control plane: as it would be installed, or as it is
 * where nothing would be. In place there is one istiod, behind the same Service.
 *
 * @param phase that is judged
 * @throws what reading the cluster throws
 */
export async function weighAddresses(
  session: Session,
  view: View,
  target: TargetConfigMaps,
  phase: Phase,
): Promise<Finding[]> {
  const { mesh, upgrade } = view;
  if (phase === 'rollback' || isInPlace(upgrade)) return [];
  const { revision } = upgrade.to;
  const { mesh: config } = treeOf(await target(meshConfigName(revision)));
  const { values } = treeOf(await target(injectorConfigName(revision)));
  const moves = phase !== 'promote' || session.inputs.removeOld || !isThrough(view);
  return ledElsewhere(addressesIn(config, values), mesh, upgrade, { phase, moves });
}
