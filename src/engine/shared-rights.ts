import type { View } from '../decide/upgrade.ts';
import { alongOf } from '../istio/along.ts';
import { gatewaysToLeave } from '../istio/installed-gateway.ts';
import { agentsOf } from '../istio/shared-component.ts';
import { isInPlace } from '../istio/side.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { CNI_EVERYWHERE, cniPermissions, gatewayPermissions } from '../phases/permissions.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import { missingPermissions, permissionsMissing } from '../steps/permissions.ts';
import { Refused } from '../steps/step.ts';
import type { Session } from './session.ts';

/**
 * Moving gateways and Istio CNI takes rights of their own, which a mesh without any need not grant (promise 11).
 *
 * @param rendered what canary installs: what goes along with it needs them by then
 * @throws Refused
 */
export async function insistOnSharedRights(
  { reader }: Session,
  { mesh, upgrade }: View,
  { id }: Pick<ChangingPhase, 'id'>,
  rendered: readonly RenderedObject[],
): Promise<void> {
  // In place istioctl installs them with the control plane, in whichever phase.
  const along = id === 'canary' && !isInPlace(upgrade) ? alongOf(rendered, mesh) : undefined;
  const leaving = (id === 'promote' ? upgrade.from : upgrade.to).revision;
  const gateways =
    along?.gateways ?? (id === 'canary' && !isInPlace(upgrade) ? [] : gatewaysToLeave(mesh, leaving));
  const agents =
    along?.cni ?? (id === 'rollback' && !isInPlace(upgrade) ? agentsOf(mesh.shared, leaving) : []);
  const missing = await missingPermissions(reader, [
    ...placesOf(gateways).flatMap(gatewayPermissions),
    ...placesOf(agents).flatMap(cniPermissions),
    ...(agents.length > 0 ? CNI_EVERYWHERE : []),
  ]);
  if (missing.length === 0) return;
  const cni = missing.some((item) => item.resource === 'daemonsets' || item.namespace === undefined);
  throw new Refused([permissionsMissing(missing, cni ? 'cni' : 'gateways')]);
}

function placesOf(items: readonly { readonly namespace: string }[]): string[] {
  return [...new Set(items.map(({ namespace }) => namespace))];
}
