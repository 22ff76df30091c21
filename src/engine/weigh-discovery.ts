import type { View } from '../decide/upgrade.ts';
import { capped } from '../checks/capped.ts';
import type { Finding } from '../finding.ts';
import { discoveryLost, selectorsOf } from '../istio/discovery.ts';
import { treeOf } from '../istio/leaves.ts';
import { meshConfigName } from '../istio/mesh-config.ts';
import { namespacesToMove } from '../istio/moves.ts';
import { restOf } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { followsTag, namesOf } from '../istio/tags.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Release } from '../record/record.ts';
import { toMove } from '../steps/move-namespaces.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the labels that namespaces are given against `discoverySelectors` of both control planes. What the target selects
 * is read from what would be installed; where nothing would be, from the target itself. Asks for nothing where no namespace
 * is relabelled any more.
 *
 * @throws what reading the cluster throws
 */
export async function weighDiscovery(
  { reader, inputs: { istioNamespace, phase } }: Session,
  view: View,
  coming: Rendered,
): Promise<Finding[]> {
  const { mesh, upgrade } = view;
  const { from, to } = upgrade;
  if (phase === 'rollback' || isInPlace(upgrade)) return [];
  const now = toMove(view);
  const rest = namespacesToMove(mesh, restOf(mesh), to.revision).filter(
    (namespace) => !now.includes(namespace) && !followsTag(namespace, namesOf(mesh.tags)),
  );
  // Precheck speaks for all that follows.
  const [moves, later] = phase === 'precheck' ? [[...now, ...rest], []] : [now, rest];
  if (moves.length + later.length === 0) return [];
  const live = async (release: Release): Promise<unknown> =>
    (await reader.get('ConfigMap', meshConfigName(release.revision), istioNamespace))?.data?.mesh;
  const rendered = (coming.yaml === '' ? [] : readObjects(coming.yaml))
    .map(treeOf)
    .find(
      ({ kind, metadata }) => kind === 'ConfigMap' && treeOf(metadata).name === meshConfigName(to.revision),
    );
  const of = ({ version, revision }: Release, mesh: unknown) => ({
    name: `${version} of ${revision}`,
    selectors: selectorsOf(mesh),
  });
  const planes = {
    from: of(from, await live(from)),
    to: of(to, rendered === undefined ? await live(to) : treeOf(rendered.data).mesh),
  };
  return ['error', 'warning'].flatMap((severity) =>
    capped(
      discoveryLost(planes, to.revision, { moves, later, phase }).filter((one) => one.severity === severity),
    ),
  );
}
