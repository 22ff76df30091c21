import type { Finding } from '../finding.ts';
import { type ConfigurationKind, resourceOf } from './configuration-kinds.ts';
import { LABEL_REVISION } from './names.ts';
import { nameOfObject } from './own-objects.ts';

/** An object whose label `istio.io/rev` names the revision that is left. */
export interface BoundObject {
  readonly of: ConfigurationKind;
  /** Undefined for one of the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Whose proxies go where. */
export interface Moves {
  readonly from: string;
  readonly to: string;
  /** Where configuration is of all proxies. */
  readonly root: string;
  /** Namespaces with proxies on the target once this phase is through. */
  readonly moved: ReadonlySet<string>;
  /** The other namespaces of the mesh: promote moves them. */
  readonly later: ReadonlySet<string>;
  /** Namespaces of other meshes alone: their configuration is not ours to judge. */
  readonly foreign: ReadonlySet<string>;
  /** The revision that is left is removed by this run. */
  readonly removes: boolean;
  /** Where the control planes of other meshes are. */
  readonly others: readonly string[];
}

/**
 * Configuration that proxies lose by moving. Only the istiod whose revision the label names reads such an object: after the
 * move its policies and routes are gone, while every proxy is connected and in sync. An error where proxies that this phase
 * moves lose it, a warning where those of a later one would. What acts on no proxy of this mesh is left out.
 *
 * @param acknowledged keys of what may be lost, as `AuthorizationPolicy/pay/allow`
 */
export function boundConfiguration(
  objects: readonly BoundObject[],
  moves: Moves,
  acknowledged: readonly string[],
): Finding[] {
  return objects.flatMap((object): Finding[] => {
    const when = whenLost(object, moves);
    if (when === undefined) return [];
    const { of, namespace, name } = object;
    const { from, to, removes } = moves;
    const key = [of.kind, namespace, name].filter((part) => part !== undefined).join('/');
    // A whole name: `shop.example.com` is another object than `shop`.
    const given = acknowledged.includes(key);
    return [
      {
        id: 'bound-to-old-revision',
        severity: when === 'now' && !given ? 'error' : 'warning',
        object: nameOfObject({ kind: of.kind, namespace, name }),
        message: `by its label ${LABEL_REVISION}=${from} istiod of ${from} alone reads it: proxies on ${to} go without it${removes ? `, and once ${from} is removed nobody reads it` : ''}${when === 'later' ? '. Promote would be refused' : ''}`,
        remedy: given ? 'Nothing: acknowledge says that it may be lost.' : remedyFor(object, moves, key),
      },
    ];
  });
}

/** Without the label the istiods of other meshes read it, too: what is said first changes nothing of theirs (promise 12). */
function remedyFor(object: BoundObject, { to, others }: Moves, key: string): string {
  const taken = `${unlabelling(object)}, or in Git or the chart that keeps it`;
  return others.length === 0
    ? `Take the label away, and every istiod reads it: ${taken}. Then run the phase again. If it may be lost, as where ${to} has one of its own: acknowledge: ${key}`
    : `Make a copy of it under another name with the label ${LABEL_REVISION}=${to}, and run the phase again with acknowledge: ${key}. Without the label the control planes in ${others.join(' and ')} read it as well; only if they may, take it away instead: ${taken}`;
}

function unlabelling({ of, namespace, name }: BoundObject): string {
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return `kubectl label ${resourceOf(of)} ${name}${where} ${LABEL_REVISION}-`;
}

function whenLost({ of, namespace }: BoundObject, moves: Moves): 'now' | 'later' | undefined {
  const { root, moved, later, foreign } = moves;
  if (namespace !== undefined && foreign.has(namespace)) return undefined;
  if (of.reach === 'mesh' || namespace === undefined || namespace === root) {
    return moved.size > 0 ? 'now' : later.size > 0 ? 'later' : undefined;
  }
  if (moved.has(namespace)) return 'now';
  return later.has(namespace) ? 'later' : undefined;
}
