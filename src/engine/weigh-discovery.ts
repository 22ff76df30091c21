import type { View } from '../decide/upgrade.ts';
import { cappedBySeverity } from '../checks/capped.ts';
import type { Finding } from '../finding.ts';
import { discoveryLost, selectorsOf } from '../istio/discovery.ts';
import { treeOf } from '../istio/leaves.ts';
import { meshConfigName } from '../istio/mesh-config.ts';
import { namespacesToMove } from '../istio/moves.ts';
import { restOf } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { followsTag, namesOf } from '../istio/tags.ts';
import type { Release } from '../record/record.ts';
import { toMove } from '../steps/move-namespaces.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';
import { liveConfigMap, targetConfigMap } from './target-config-map.ts';

/**
 * Holds the labels that namespaces are given against `discoverySelectors` of both control planes. What the target selects
 * is read from what would be installed; where nothing would be, from the target itself. Asks for nothing where no namespace
 * is relabelled any more.
 *
 * @throws what reading the cluster throws
 */
export async function weighDiscovery(session: Session, view: View, coming: Rendered): Promise<Finding[]> {
  const { mesh, upgrade } = view;
  const { from, to } = upgrade;
  const { phase } = session.inputs;
  if (phase === 'rollback' || isInPlace(upgrade)) return [];
  const now = toMove(view);
  const rest = namespacesToMove(mesh, restOf(mesh), to.revision).filter(
    (namespace) => !now.includes(namespace) && !followsTag(namespace, namesOf(mesh.tags)),
  );
  // Precheck speaks for all that follows.
  const [moves, later] = phase === 'precheck' ? [[...now, ...rest], []] : [now, rest];
  if (moves.length + later.length === 0) return [];
  const of = ({ version, revision }: Release, data: unknown) => ({
    name: `${version} of ${revision}`,
    selectors: selectorsOf(treeOf(data).mesh),
  });
  const planes = {
    from: of(from, await liveConfigMap(session, meshConfigName(from.revision))),
    to: of(to, await targetConfigMap(session, coming, meshConfigName(to.revision))),
  };
  return cappedBySeverity(discoveryLost(planes, to.revision, { moves, later, phase }));
}
