import type { View } from '../decide/upgrade.ts';
import { nameOfGateway } from '../istio/api-gateway.ts';
import type { Change } from '../istio/change.ts';
import {
  type GatewayMove,
  beforeDefault,
  gatewaysToForget,
  gatewaysToMove,
  gatewaysToPin,
  gatewaysToPinForReturn,
  gatewaysToSee,
} from '../istio/gateway-moves.ts';
import { ANNOTATION_ORIGINAL_LABELS, LABEL_REVISION } from '../istio/names.ts';
import { labelGateway, moveGateway, seeGateway } from './gateway-rollout.ts';
import { noteRolling } from './note-rolling.ts';
import type { Step } from './step.ts';

const TIMEOUT_MS = 60 * 60_000;

/** Moves them one by one: the next is touched only when the pods of the one before are ready, connected and in sync. */
function oneByOne(
  id: string,
  title: string,
  side: 'from' | 'to',
  choose: (view: View) => readonly GatewayMove[],
): Step {
  return {
    id,
    title,
    timeoutMs: TIMEOUT_MS,
    plan: (view) => choose(view).flatMap(changesOf),
    run: async (context, view) => {
      const moves = choose(view);
      const names = moves.map(({ gateway }) => nameOfGateway(gateway));
      await noteRolling(context, { begun: names });
      for (const move of moves) await moveGateway(context, move, side);
      await noteRolling(context, { through: names });
      return `${count(moves)} on ${view.upgrade[side].revision}, rolled out, connected and in sync`;
    },
  };
}

/**
 * Before namespaces and tags move: Gateways that follow them keep the old control plane (H19).
 *
 * @param withDefault whether this phase moves the default tag, too
 */
export function pinGateways(withDefault: boolean): Step {
  return oneByOne(
    'pin-gateways',
    'Keep Gateways where they are until it is their turn',
    'from',
    ({ mesh, upgrade }) => gatewaysToPin(mesh, { ...upgrade, withDefault }),
  );
}

/**
 * The same before a rollback takes namespaces and tags back. Nobody waits for their pods: what keeps a canary's istiod from
 * making them ready must not keep the default tag from going back.
 */
export const pinGatewaysForReturn: Step = {
  id: 'pin-gateways',
  title: 'Keep Gateways where they are until it is their turn',
  timeoutMs: 5 * 60_000,
  plan: (view) => gatewaysToPinForReturn(view.mesh, view.upgrade).flatMap(changesOf),
  run: async (context, view) => {
    const moves = gatewaysToPinForReturn(view.mesh, view.upgrade);
    for (const move of moves) await labelGateway(context, move);
    return `${count(moves)} labelled ${view.upgrade.to.revision}`;
  },
};

/** Before the default moves away from a control plane without a revision: two istiods would fight over these. */
export const moveGatewaysBeforeDefault: Step = oneByOne(
  'move-default-gateways',
  'Move Gateways that the old control plane would hold on to',
  'to',
  ({ mesh, upgrade }) => beforeDefault(mesh, upgrade),
);

/** After the workloads: Gateways are last. */
export function moveApiGateways(side: 'from' | 'to'): Step {
  return oneByOne(
    side === 'to' ? 'move-api-gateways' : 'restore-api-gateways',
    side === 'to' ? 'Move the Gateways, one by one' : 'Take the Gateways back, one by one',
    side,
    ({ mesh, upgrade }) => gatewaysToMove(mesh, upgrade, side),
  );
}

/**
 * Sees Gateways through that an earlier run has labelled and not seen: their labels are right by now, and nothing else tells
 * that it was this upgrade that rolled their pods (promise 8).
 */
export function seeGateways(side: 'from' | 'to'): Step {
  return {
    id: 'see-gateways',
    title: 'See the Gateways that an earlier run has labelled',
    timeoutMs: TIMEOUT_MS,
    run: async (context, { mesh, record, upgrade }) => {
      const { revision } = upgrade[side];
      const due = gatewaysToSee(mesh, record?.rolling ?? [], revision);
      for (const gateway of due) await seeGateway(context, gateway, side);
      return due.length === 0
        ? 'there is none'
        : `${count(due)} on ${revision}, rolled out, connected and in sync`;
    },
  };
}

/** After the removal of the old control plane: what they were before leads to the target, or nowhere. */
export const forgetGateways: Step = oneByOne(
  'forget-gateways',
  'Forget the labels of Gateways of before',
  'to',
  ({ mesh, upgrade }) => gatewaysToForget(mesh, upgrade),
);

function changesOf({ gateway, label, original }: GatewayMove): Change[] {
  const object = nameOfGateway(gateway);
  return [
    ...(label === (gateway.label ?? null)
      ? []
      : [{ verb: 'label' as const, object, field: LABEL_REVISION, from: gateway.label ?? null, to: label }]),
    ...(original === undefined && label === (gateway.label ?? null)
      ? [{ verb: 'annotate' as const, object, field: ANNOTATION_ORIGINAL_LABELS, to: null }]
      : []),
  ];
}

function count({ length }: readonly unknown[]): string {
  return length === 1 ? '1 Gateway is' : `${String(length)} Gateways are`;
}
