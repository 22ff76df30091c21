import type { LabelSelector } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import type { Phase } from '../outcome.ts';
import { asList, text } from './content.ts';
import { treeOf } from './leaves.ts';
import { matches } from './injection.ts';
import type { MeshNamespace } from './mesh.ts';
import { meshConfigOf } from './mesh-config.ts';
import { LABEL_INJECTION, LABEL_REVISION, type Labels } from './names.ts';

/** A control plane, and the `discoverySelectors` of its mesh configuration: none for all namespaces. */
export interface Discovery {
  /** As people call it: version and revision. */
  readonly name: string;
  readonly selectors: readonly LabelSelector[];
}

/** A namespace as it is. */
type Labelled = Pick<MeshNamespace, 'name' | 'labels'>;

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/**
 * Reads `discoverySelectors` out of a mesh configuration (`data.mesh` of the ConfigMap `istio`).
 *
 * @returns none where there are none, or where they are not what istiod would read
 */
export function selectorsOf(mesh: unknown): LabelSelector[] {
  const { discoverySelectors: found } = meshConfigOf(mesh);
  if (!Array.isArray(found)) return [];
  const selectors = found.map((one) => treeOf(one) as LabelSelector);
  const areRead = selectors.every(
    ({ matchExpressions: all = [] }: { readonly matchExpressions?: unknown }) =>
      Array.isArray(all) && asList(all).every((one) => OPERATORS.includes(text(treeOf(one).operator))),
  );
  return areRead ? selectors : [];
}

/**
 * Namespaces that a move takes out of the sight of a control plane. An istiod watches the namespaces that its
 * `discoverySelectors` choose, and drops the Services, endpoints and policies of one whose labels match no more (Istio's
 * mesh configuration, `discoverySelectors`; istio#33586), while injection goes on and its proxies look well: so calls to
 * it fail, and nothing that is asked afterwards shows it.
 *
 * @param moves namespaces that this phase relabels
 * @param later those that promote relabels
 */
export function discoveryLost(
  { from, to }: Readonly<Record<'from' | 'to', Discovery>>,
  target: string,
  {
    moves,
    later,
    phase,
  }: Readonly<Record<'moves' | 'later', readonly Labelled[]>> & { readonly phase: Phase },
): Finding[] {
  const lost = (namespaces: readonly Labelled[], severity: 'error' | 'warning'): Finding[] =>
    namespaces.flatMap(({ name, labels }): Finding[] => {
      const { [LABEL_INJECTION]: injection, ...others } = labels;
      const moved = { ...others, [LABEL_REVISION]: target };
      const blind = [from, to].filter((plane) => !discovers(plane, moved));
      if (blind.length === 0 || !discovers(from, labels)) return [];
      const taken = injection === undefined ? '' : `, without ${LABEL_INJECTION}`;
      return [
        {
          id: 'discovery-would-be-lost',
          severity,
          object: `Namespace ${name}`,
          message: `with the label ${LABEL_REVISION}=${target}${taken}, it is not among the namespaces that ${blind.map((plane) => plane.name).join(' and ')} ${blind.length === 1 ? 'watches' : 'watch'} (meshConfig.discoverySelectors): calls to its Services would fail${severity === 'warning' ? '. Promote would be refused' : ''}`,
          remedy: `Give the namespaces of the mesh a label of their own (kubectl label namespace NAMES istio-discovery=enabled), add a selector for it to meshConfig.discoverySelectors of both control planes (of the one that runs: with its own istioctl and configuration; of the target: ${phase === 'promote' ? 'in config of canary, run again with it; where promote has begun, rollback comes first' : 'in config'}), and run the phase again.`,
        },
      ];
    });
  return [...lost(moves, 'error'), ...lost(later, 'warning')];
}

function discovers({ selectors }: Discovery, labels: Labels): boolean {
  return selectors.length === 0 || selectors.some((selector) => matches(selector, labels));
}
