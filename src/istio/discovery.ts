import type { LabelSelector } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { asList, text } from './content.ts';
import { treeOf } from './leaves.ts';
import { matches } from './injection.ts';
import { type LabelState, type Relabelling, labelStates } from './label-states.ts';
import type { MeshNamespace } from './mesh.ts';
import { meshConfigOf } from './mesh-config.ts';
import type { Labels } from './names.ts';
import { labelsBefore } from './scope.ts';

/** A control plane, and the `discoverySelectors` of its mesh configuration: none for all namespaces. */
export interface Discovery {
  /** As people call it: version and revision. */
  readonly name: string;
  readonly selectors: readonly LabelSelector[];
}

/** Labels by which some of those who call it do not see a namespace. */
interface Unseen extends Pick<LabelState, 'words'> {
  readonly blind: LabelState['calledBy'];
}

type Told = Required<Pick<Finding, 'message' | 'remedy'>>;

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
 * Namespaces of the mesh that are out of the sight of a control plane whose proxies call them, by what an upgrade does. An
 * istiod watches the namespaces that its `discoverySelectors` choose, and drops the Services, endpoints and policies of one
 * whose labels match no more (Istio's mesh configuration, `discoverySelectors`; istio#33586), while injection goes on and
 * its proxies look well: so calls to it fail, and nothing that is asked afterwards shows it. What the old istiod does not
 * watch either is not the upgrade's doing.
 *
 * @param planes `from` is undefined where it is gone: then the target alone tells who was watched. `live` is the target as it
 *   is, where all proxies are on it: whom it does not watch is out of their sight already, so that is told and stops nothing
 * @param acknowledged keys of what may stay unseen, as `Namespace/pay`
 */
export function discoveryLost(
  planes: {
    readonly from: Discovery | undefined;
    readonly to: Discovery;
    readonly live?: Discovery | undefined;
  },
  namespaces: readonly MeshNamespace[],
  relabelling: Relabelling,
  acknowledged: readonly string[],
): Finding[] {
  const { sides, phase } = relabelling;
  const watched = planes.from ?? planes.to;
  return namespaces.flatMap((namespace): Finding[] => {
    const { name, labels } = namespace;
    const isWatched = [labels, labelsBefore(namespace, sides.to.revision)].some((one) =>
      discovers(watched, one),
    );
    if (!isWatched) return [];
    const unseen = labelStates(namespace, relabelling)
      .map((state) => ({
        ...state,
        blind: state.calledBy.filter((side) => isBlind(planes[side], state.labels)),
      }))
      .filter(({ blind }) => blind.length > 0);
    // What stops this phase is told first, and what has one remedy once.
    const worst = unseen.find(({ later }) => later === undefined) ?? unseen[0];
    if (worst === undefined) return [];
    const given = acknowledged.includes(`Namespace/${name}`);
    const isLost = isBlind(planes.live, labels);
    const { message, remedy } = isLost ? already(planes.to) : toCome(worst);
    return [
      {
        id: 'discovery-would-be-lost',
        severity: worst.later === undefined && !given && !isLost ? 'error' : 'warning',
        object: `Namespace ${name}`,
        message: `${message}${isLost || given || worst.later === undefined ? '' : `. ${worst.later} would be refused`}`,
        remedy: given ? 'Nothing: acknowledge says that it may stay unseen.' : remedy,
      },
    ];
  });

  function toCome({ words, blind }: Unseen): Told {
    const who = blind.map((side) => planes[side]?.name).join(' and ');
    return {
      message: `with ${words}, it is not among the namespaces that ${who} ${blind.length === 1 ? 'watches' : 'watch'} (meshConfig.discoverySelectors): calls to its Services would fail`,
      remedy: `Give the namespaces of the mesh a label of their own (kubectl label namespace NAMES istio-discovery=enabled), have a selector for it in meshConfig.discoverySelectors of ${blind.map((side) => placeOf(side, phase)).join(' and ')}, and run the phase again. If no proxy there calls them: acknowledge: Namespace/NAME, a line each`,
    };
  }
}

/** Of a namespace that is out of sight whatever the phase does. */
function already({ name }: Discovery): Told {
  return {
    message: `it is not among the namespaces that ${name} watches (meshConfig.discoverySelectors), and all proxies of the mesh are on that: calls to its Services fail already, and this phase changes nothing of it`,
    remedy:
      'If proxies call it, give it a label that one of these selectors chooses (kubectl label namespace), or have a selector for it in meshConfig.discoverySelectors of the target (with its own istioctl and configuration). Else nothing.',
  };
}

function isBlind(plane: Discovery | undefined, labels: Labels): boolean {
  return plane !== undefined && !discovers(plane, labels);
}

/** Where selectors are set. One that has none must not get any: it watches all. */
function placeOf(side: 'from' | 'to', phase: Relabelling['phase']): string {
  if (side === 'from') return 'the control plane that runs (with its own istioctl and configuration)';
  return phase === 'promote'
    ? 'the target (in config of canary, run again with it; where promote has begun, rollback comes first)'
    : 'the target (in config)';
}

function discovers({ selectors }: Discovery, labels: Labels): boolean {
  return selectors.length === 0 || selectors.some((selector) => matches(selector, labels));
}
