import { type ApiGateway, nameOfGateway } from './api-gateway.ts';
import { claimants } from './gateway-claims.ts';
import { lastingGateways } from './lasting.ts';
import type { Mesh } from './mesh.ts';
import { namespacesToMove } from './moves.ts';
import { ANNOTATION_ORIGINAL_LABELS, DEFAULT_TAG, LABEL_REVISION } from './names.ts';
import { type Scope, isOnly, stayingNamespaces } from './scope.ts';
import { type TagMoves, followsTag } from './tags.ts';

interface Sides {
  readonly from: { readonly revision: string };
  readonly to: { readonly revision: string };
}

/** What a phase takes along that Gateways may follow. */
export interface Moving extends Sides {
  readonly scope: Scope;
  readonly tags: TagMoves;
  /** Whether the default tag moves, too. */
  readonly withDefault: boolean;
}

/** A Gateway, and the label that it is to have. */
export interface GatewayMove {
  readonly gateway: ApiGateway;
  readonly label: string | null;
  /** What its label was before this Action; undefined where there is nothing (more) to remember. */
  readonly original: string | null | undefined;
}

/**
 * Gateways that istiod would roll by itself, all at once, as soon as the namespace or the tag moves that they follow (H19):
 * they are labelled for the revision where they are until it is their turn.
 *
 * One that follows the default of an old control plane without a revision is not among them: the label `default` would
 * not hold it ({@link claimants}). It moves before the default does ({@link beforeDefault}).
 */
export function gatewaysToPin(mesh: Mesh, { from, to, scope, tags, withDefault }: Moving): GatewayMove[] {
  const names = Object.keys(tags);
  const moving = new Set(
    namespacesToMove(mesh, scope.namespaces, to.revision)
      .filter((namespace) => !followsTag(namespace, names))
      .map(({ name }) => name),
  );
  return lastingGateways(mesh)
    .filter((gateway) => isOnly(gateway.claimedBy, from.revision) && gateway.label !== from.revision)
    .filter((gateway) => {
      const chosen = chosenBy(mesh, gateway);
      return (
        names.includes(chosen) ||
        (gateway.label === undefined && moving.has(gateway.namespace)) ||
        (withDefault && followsDefault(mesh, gateway) && from.revision !== DEFAULT_TAG)
      );
    })
    .map((gateway) => pinned(gateway, from.revision, { from, to }));
}

/** Before a rollback: all that follow something to the target, but for what stays there by somebody's own label (M40). */
export function gatewaysToPinForReturn(mesh: Mesh, { from, to }: Sides): GatewayMove[] {
  const staying = new Set(stayingNamespaces(mesh, to.revision, from.revision).map(({ name }) => name));
  return lastingGateways(mesh)
    .filter(
      ({ claimedBy, label, namespace }) =>
        isOnly(claimedBy, to.revision) &&
        label !== to.revision &&
        !(label === undefined && staying.has(namespace)),
    )
    .map((gateway) => pinned(gateway, to.revision, { from, to }));
}

/**
 * Gateways that two istiods would fight over once the default tag has moved away from a control plane without a revision:
 * they get the target's own name before.
 */
export function beforeDefault(mesh: Mesh, { from, to }: Sides): GatewayMove[] {
  if (from.revision !== DEFAULT_TAG) return [];
  return lastingGateways(mesh)
    .filter((gateway) => gateway.claimedBy.includes(from.revision) && followsDefault(mesh, gateway))
    .map((gateway) => pinned(gateway, to.revision, { from, to }));
}

/**
 * Gateways that are not yet where and as they are to be on a side: with their label of before where that leads there and
 * nowhere else, with the side's own name where it does not.
 *
 * @param side where they are to be: in promote the target; in rollback the old control plane
 */
export function gatewaysToMove(mesh: Mesh, { from, to }: Sides, side: 'from' | 'to'): GatewayMove[] {
  const { revision } = side === 'to' ? to : from;
  return lastingGateways(mesh).flatMap((gateway): GatewayMove[] => {
    const original = originalOf(gateway, { from, to });
    if (original !== undefined) {
      if (isOnly(claimants(mesh, gateway.namespace, original), revision))
        return [{ gateway, label: original, original: undefined }];
      return gateway.label === revision ? [] : [{ gateway, label: revision, original }];
    }
    // What is on the canary by somebody's own label stays there, and is told (M40).
    if (side === 'from' || !gateway.claimedBy.includes(from.revision)) return [];
    return [pinned(gateway, revision, { from, to })];
  });
}

/** Of Gateways that were labelled and not yet seen through, those that are a control plane's alone: it makes their pods. */
export function gatewaysToSee(mesh: Mesh, labelled: readonly string[], revision: string): ApiGateway[] {
  return lastingGateways(mesh).filter(
    (gateway) => labelled.includes(nameOfGateway(gateway)) && isOnly(gateway.claimedBy, revision),
  );
}

/** Once the old control plane has gone: labels that lead to the target again, and annotations that remember nothing. */
export function gatewaysToForget(mesh: Mesh, sides: Sides): GatewayMove[] {
  return lastingGateways(mesh).flatMap((gateway): GatewayMove[] => {
    const original = originalOf(gateway, sides);
    if (original === undefined) return [];
    const leads = isOnly(claimants(mesh, gateway.namespace, original), sides.to.revision);
    return [{ gateway, label: leads ? original : (gateway.label ?? null), original: undefined }];
  });
}

/** One patch for label and annotation: each change of either makes istiod roll the pods, and none may be lost (promise 3). */
export function gatewayPatch({ label, original }: Pick<GatewayMove, 'label' | 'original'>): object {
  return {
    metadata: {
      labels: { [LABEL_REVISION]: label },
      annotations: {
        [ANNOTATION_ORIGINAL_LABELS]:
          original === undefined ? null : JSON.stringify({ [LABEL_REVISION]: original }),
      },
    },
  };
}

/**
 * The label of before, where this upgrade set the present one: the annotation alone may be stale, from another upgrade or
 * from anybody who may annotate (M37). Null for none.
 */
function originalOf({ label, originals }: ApiGateway, { from, to }: Sides): string | null | undefined {
  return label === from.revision || label === to.revision ? originals?.[LABEL_REVISION] : undefined;
}

/** Where our own pin is moved on, what is remembered stays what was there before that. */
function pinned(gateway: ApiGateway, label: string, sides: Sides): GatewayMove {
  const remembered = originalOf(gateway, sides);
  return { gateway, label, original: remembered === undefined ? (gateway.label ?? null) : remembered };
}

function chosenBy({ namespaces }: Mesh, { label, namespace }: ApiGateway): string {
  return label ?? namespaces.find(({ name }) => name === namespace)?.labels[LABEL_REVISION] ?? '';
}

function followsDefault(mesh: Mesh, gateway: ApiGateway): boolean {
  return ['', DEFAULT_TAG].includes(chosenBy(mesh, gateway));
}
