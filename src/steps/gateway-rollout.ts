import type { GatewayObject } from '../cluster/objects.ts';
import { type ApiGateway, madeDeploymentOf, nameOfGateway } from '../istio/api-gateway.ts';
import { type GatewayMove, gatewayPatch } from '../istio/gateway-moves.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import type { Release } from '../record/record.ts';
import { awaitRollouts } from '../wait/rollouts.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';
import type { Context } from './context.ts';
import { awaitGatewayProxies } from './gateway-proxies.ts';
import { StepFailed } from './step.ts';

/** How long istiod may take to write a Deployment anew that keeps its revision: not every change of a Gateway reaches it. */
const NOTICE_MS = 10_000;
/** How long istiod may take to write the Deployment of a Gateway that is its own now. */
const TAKE_OVER_MS = 60_000;

/** Labels a Gateway, if it still is as it was seen: it may be somebody else's by now, or be going. */
export async function labelGateway({ cluster }: Context, move: GatewayMove): Promise<void> {
  const { gateway } = move;
  await cluster.edit('Gateway', gateway.name, gateway.namespace, (current: GatewayObject) =>
    current.metadata.deletionTimestamp === undefined &&
    current.metadata.labels?.[LABEL_REVISION] === gateway.label
      ? gatewayPatch(move)
      : undefined,
  );
}

/**
 * Labels a Gateway and waits until its workload is through what istiod makes of that: the Deployment written by the istiod
 * of a release, rolled out, its pods ready, connected to it and in sync.
 *
 * @param side where its pods are to be then
 */
export async function moveGateway(context: Context, move: GatewayMove, side: 'from' | 'to'): Promise<void> {
  const { gateway } = move;
  const before = await generationOf(context, gateway);
  await labelGateway(context, move);
  await seeGateway(context, gateway, side, before);
}

/**
 * The waiting alone, for one that is labelled already.
 *
 * @param before the generation of its Deployment before it was labelled
 * @throws StepFailed, Inconclusive
 */
export async function seeGateway(
  context: Context,
  gateway: ApiGateway,
  side: 'from' | 'to',
  before = -1,
): Promise<void> {
  const { deployment } = gateway;
  if (deployment === undefined) return;
  await awaitWriting(context, gateway, context.upgrade[side], before);
  const findings = await awaitRollouts(
    [{ kind: 'Deployment', namespace: gateway.namespace, name: deployment }],
    {
      cluster: context.cluster,
      log: context.log,
      timeoutMs: context.remainingMs(),
      signal: context.signal,
    },
  );
  if (findings.length > 0) throw new StepFailed(findings);
  const { namespace } = gateway;
  await awaitGatewayProxies(context, { namespace, deployment, called: nameOfGateway(gateway) }, side);
}

async function generationOf({ cluster }: Context, { deployment, namespace }: ApiGateway): Promise<number> {
  if (deployment === undefined) return 0;
  return (await cluster.get('Deployment', deployment, namespace))?.metadata.generation ?? 0;
}

async function awaitWriting(
  context: Context,
  gateway: ApiGateway,
  { revision }: Release,
  before: number,
): Promise<void> {
  const { deployment = '', namespace, handsOn } = gateway;
  const name = nameOfGateway(gateway);
  const stays = gateway.writtenBy === revision;
  const look = async (): Promise<Probe<undefined>> => {
    const object = await context.cluster.get('Deployment', deployment, namespace);
    // Deleted meanwhile, with its Gateway: there is nothing left to wait for.
    if (object === undefined) return { done: true, value: undefined };
    const writtenBy = madeDeploymentOf(object)?.writtenBy;
    if (writtenBy !== revision)
      return {
        done: false,
        waiting: `its Deployment ${deployment} is still as istiod of ${writtenBy ?? 'nobody'} wrote it`,
      };
    return !stays || !handsOn || (object.metadata.generation ?? 0) > before
      ? { done: true, value: undefined }
      : { done: false, waiting: `its Deployment ${deployment} has not been written anew` };
  };
  const seen = await waitFor(look, {
    what: `waiting for istiod of ${revision} to write ${name}`,
    timeoutMs: Math.min(stays ? NOTICE_MS : TAKE_OVER_MS, beforeLastLook(context.remainingMs())),
    signal: context.signal,
    log: context.log,
    intervalMs: 250,
  });
  if (seen.done || stays) return;
  throw new StepFailed([
    {
      id: 'gateway-not-taken-over',
      severity: 'error',
      object: name,
      message: `it leads to ${revision}, and ${seen.waiting}`,
      remedy: `Look at the log of istiod of ${revision} ("gateway deployment"), and at what sets the label ${LABEL_REVISION} of the Gateway (Git, an operator). Then run the phase again, or rollback.`,
    },
  ]);
}
