import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';
import { weighConfiguration } from './weigh-configuration.ts';
import { weighDiscovery } from './weigh-discovery.ts';
import { weighTemplates } from './weigh-templates.ts';

/**
 * What the move takes from proxies though each will be connected and in sync, so that nothing that is asked afterwards
 * shows it; and whose pods the target would refuse.
 *
 * @param coming what canary would install; nothing where nothing would be
 * @throws what reading the cluster throws
 */
export async function weighMove(session: Session, view: View, coming: Rendered): Promise<Finding[]> {
  return [
    ...(await weighDiscovery(session, view, coming, session.inputs.phase)),
    ...(await weighConfiguration(session, view)),
    ...(await weighTemplates(session, view, coming, session.inputs.phase)),
  ];
}
