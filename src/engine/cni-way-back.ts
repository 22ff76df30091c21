import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { alongOf } from '../istio/along.ts';
import { cniConfiguration, noWayBack } from '../istio/cni-configuration.ts';
import { agentsOf } from '../istio/shared-component.ts';
import { isInPlace } from '../istio/side.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import type { ProvedIstioctl } from '../steps/context.ts';
import type { Session } from './session.ts';

const RENDER_MS = 60_000;

/**
 * Whether Istio CNI can be brought back by the current istioctl, asked before it is upgraded (H42) and before a rollback
 * begins; nothing is asked where it stays as it is.
 *
 * @param rendered what canary installs
 * @throws UnfaithfulSetValue
 */
export async function cniWayBack(
  { inputs, deps }: Pick<Session, 'inputs' | 'deps'>,
  { istioctl }: Pick<ProvedIstioctl, 'istioctl'>,
  { mesh, upgrade }: View,
  { id }: Pick<ChangingPhase, 'id'>,
  rendered: readonly RenderedObject[],
): Promise<Finding[]> {
  const { from, to } = upgrade;
  if (id === 'promote' || isInPlace(upgrade)) return [];
  const agents = id === 'canary' ? alongOf(rendered, mesh).cni : agentsOf(mesh.shared, to.revision);
  if (agents.length === 0) return [];
  const back = await istioctl.renderCni(cniConfiguration(inputs, from), {
    timeoutMs: RENDER_MS,
    signal: deps.signal,
  });
  return agents.flatMap((agent) => noWayBack(agent, back, from.version));
}
