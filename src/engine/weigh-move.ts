import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { UpgradeState } from '../outcome.ts';
import { canary } from '../phases/canary.ts';
import { promote } from '../phases/promote.ts';
import { NOTHING_RENDERED, type Rendered } from './rendered.ts';
import type { Session } from './session.ts';
import { targetConfigMaps } from './target-config-map.ts';
import { weighAddresses } from './weigh-addresses.ts';
import { weighConfiguration } from './weigh-configuration.ts';
import { weighDiscovery } from './weigh-discovery.ts';
import { weighTemplates } from './weigh-templates.ts';

/**
 * What is installed before the mesh moves on: nothing where promote is under way, and no canary may run. It goes on with the
 * target that is there.
 *
 * @param coming what canary would install
 */
export function installedFirst(state: UpgradeState | undefined, coming: Rendered): Rendered {
  const goesOn = state !== undefined && promote.states.includes(state) && !canary.states.includes(state);
  return goesOn ? NOTHING_RENDERED : coming;
}

/**
 * What the move takes from proxies though each will be connected and in sync, so that nothing that is asked afterwards
 * shows it; and whose pods the target would refuse.
 *
 * @param coming what is installed first; nothing where nothing is: then precheck speaks for promote alone
 * @throws what reading the cluster throws
 */
export async function weighMove(session: Session, view: View, coming: Rendered): Promise<Finding[]> {
  const asked = session.inputs.phase;
  const phase = asked === 'precheck' && coming === NOTHING_RENDERED ? 'promote' : asked;
  const target = targetConfigMaps(session, coming);
  return [
    ...(await weighDiscovery(session, view, target, phase)),
    ...(await weighConfiguration(session, view)),
    ...(await weighAddresses(session, view, target, phase)),
    ...(await weighTemplates(session, view, target, phase)),
  ];
}
