import type { View } from '../decide/upgrade.ts';
import { cappedBySeverity } from '../checks/capped.ts';
import type { Finding } from '../finding.ts';
import { discoveryLost, selectorsOf } from '../istio/discovery.ts';
import { treeOf } from '../istio/leaves.ts';
import { planeOfRevision, userTags } from '../istio/mesh.ts';
import { meshConfigName } from '../istio/mesh-config.ts';
import { namespacesToMove } from '../istio/moves.ts';
import { reachOf } from '../istio/reach.ts';
import { restOf } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { followsTag, namesOf } from '../istio/tags.ts';
import type { Phase } from '../outcome.ts';
import type { Release } from '../record/record.ts';
import { toMove } from '../steps/move-namespaces.ts';
import type { Session } from './session.ts';
import { type TargetConfigMaps, liveConfigMap } from './target-config-map.ts';
import { isThrough } from './through.ts';

/**
 * Holds the labels that the mesh's namespaces have and get against `discoverySelectors` of both control planes. What the
 * target selects is read from what would be installed; where nothing would be, from the target itself. Once all proxies are
 * on the target and nobody is to be relabelled, what it does not watch as it is can't be lost any more.
 *
 * @param phase that is judged
 * @throws what reading the cluster throws
 */
export async function weighDiscovery(
  session: Session,
  view: View,
  target: TargetConfigMaps,
  phase: Phase,
): Promise<Finding[]> {
  const { mesh, upgrade } = view;
  const { from, to, scope } = upgrade;
  const { acknowledge, adoptTags, stableTags } = session.inputs;
  if (phase === 'rollback' || isInPlace(upgrade)) return [];
  const { moved: reached } = reachOf(mesh, upgrade, undefined, false);
  const namespaces = mesh.namespaces.filter(({ name }) => reached.has(name));
  if (namespaces.length === 0) return [];
  const now = toMove(view);
  const rest = namespacesToMove(mesh, restOf(mesh), to.revision).filter(
    (namespace) => !now.includes(namespace) && !followsTag(namespace, namesOf(userTags(mesh))),
  );
  const of = ({ version, revision }: Release, data: unknown) => ({
    name: `${version} of ${revision}`,
    selectors: selectorsOf(treeOf(data).mesh),
  });
  const planes = {
    from:
      planeOfRevision(mesh, from.revision) === undefined
        ? undefined
        : of(from, await liveConfigMap(session, meshConfigName(from.revision))),
    to: of(to, await target(meshConfigName(to.revision))),
    live:
      isThrough(view) && now.length + rest.length === 0
        ? of(to, await liveConfigMap(session, meshConfigName(to.revision)))
        : undefined,
  };
  const relabelling = {
    mesh,
    sides: upgrade,
    phase,
    ...(phase === 'promote' ? { now: [...now, ...rest], later: [] } : { now, later: rest }),
    isChosen: phase !== 'precheck' || scope.namespaces.length + scope.tags.length > 0,
    adopts: adoptTags ? stableTags[0] : undefined,
  };
  return cappedBySeverity(discoveryLost(planes, namespaces, relabelling, acknowledge));
}
