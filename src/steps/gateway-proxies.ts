import { NOTHING_BEFORE } from '../istio/before.ts';
import { type Evidence, type ProxyVerdict, judgeProxies } from '../istio/evidence.ts';
import { istioctlAt } from '../istio/home.ts';
import { type Mesh, nameOf } from '../istio/mesh.ts';
import { nobody } from '../istio/stragglers.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';
import type { Context } from './context.ts';
import { insistOnRights } from './denied.ts';
import { Inconclusive, StepFailed } from './step.ts';

const ASK_MS = 60_000;

/** A gateway's Deployment, and what it is called: a Gateway, or the Deployment itself. */
export interface ServingGateway {
  readonly namespace: string;
  readonly deployment: string;
  readonly called: string;
}

/**
 * Waits until the pods of one gateway are on a side: recorded revision, proxy's image, ready, and connected and in sync as
 * the istiod there says.
 *
 * @throws StepFailed, Inconclusive
 */
export async function awaitGatewayProxies(
  context: Context,
  gateway: ServingGateway,
  side: 'from' | 'to',
): Promise<void> {
  const { revision } = context.upgrade[side];
  let last: ProxyVerdict | undefined;
  const look = async (): Promise<Probe<undefined>> => {
    last = await verdictOf(context, gateway, side);
    return last.kind === 'proved' ? { done: true, value: undefined } : { done: false, waiting: last.waiting };
  };
  const seen = await waitFor(look, {
    what: `waiting for the proxies of ${gateway.called}`,
    timeoutMs: Math.min(ASK_MS, beforeLastLook(context.remainingMs())),
    signal: context.signal,
    log: context.log,
    intervalMs: 250,
  });
  if (seen.done) return;
  if (last?.kind === 'behind') throw new StepFailed(last.findings);
  throw new Inconclusive([
    {
      id: 'proxies-not-seen',
      severity: 'error',
      object: gateway.called,
      message: `whether its pods are connected to ${revision} could not be seen: ${seen.waiting}`,
      remedy: `Check that istiod of ${revision} answers (${istioctlAt(context.inputs, `proxy-status --revision ${revision}`)}), then run the phase again.`,
    },
  ]);
}

/** The same double evidence as of all proxies, of this gateway's pods alone. */
async function verdictOf(
  context: Context,
  gateway: ServingGateway,
  side: 'from' | 'to',
): Promise<ProxyVerdict> {
  const release = context.upgrade[side];
  const status = await context.istioctl[side].istioctl.proxyStatus(
    { revision: release.revision },
    { timeoutMs: Math.min(ASK_MS, Math.max(context.remainingMs(), 1_000)), signal: context.signal },
  );
  insistOnRights(status);
  return judgeProxies(
    { mesh: ofGatewayAlone(await context.observe(), gateway), status, other: undefined },
    // One that is scaled to zero has no proxy to show.
    { release, mayBeNone: true, byVersion: false, before: NOTHING_BEFORE, accepted: nobody },
  );
}

function ofGatewayAlone(
  { workloads, pods, namespaces, defaultInjector, istioNamespace }: Mesh,
  { namespace, deployment }: ServingGateway,
): Evidence['mesh'] {
  const name = nameOf({ kind: 'Deployment', namespace, name: deployment });
  return {
    istioNamespace,
    defaultInjector,
    workloads: workloads.filter((workload) => nameOf(workload) === name),
    pods: pods.filter(({ owner, ...pod }) => owner !== undefined && nameOf({ ...pod, ...owner }) === name),
    namespaces,
  };
}
