import { stillDue } from '../istio/changed-by-others.ts';
import { canHoldProxies } from '../istio/held-proxy.ts';
import type { Mesh, Workload } from '../istio/mesh.ts';
import { toReplace } from '../istio/moves.ts';
import { onSide } from '../istio/side.ts';
import { serves } from '../istio/state-in-place.ts';
import { sameRelease } from '../istio/version.ts';
import type { View } from '../decide/upgrade.ts';
import type { Behind } from '../istio/behind.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type Probe, waitFor } from '../wait/wait.ts';
import type { Context } from './context.ts';
import { configurationOf, heldConfiguration } from './held-proxies.ts';
import { type InjectionAnswer, injectionOf } from './rehearsal.ts';
import { installOver, lackingInPlace } from './replace-control-plane.ts';
import { type Step, StepFailed } from './step.ts';

/** The kubelet takes a minute or two until an istiod has a changed ConfigMap. */
const TIMEOUT_MS = 12 * 60_000;
/** So often in a row an injector must say the older release: each istiod learns of it by itself. */
const IN_A_ROW = 5;
/** So many workloads are asked at most. */
const ASKED = 10;

/**
 * On the way down: makes the newer control plane's injector give out the older release's proxy, so that no proxy is ever
 * newer than its istiod (H40). The control plane itself stays where it is until all proxies are back.
 *
 * @param newer the side whose control plane still runs
 * @param rendered what is installed while proxies are held back
 * @param older what the older istioctl renders: its injector names the proxy
 * @param behind which pods have to go back; with none, and `always` not set, there is nothing to hold
 */
export function holdProxies(
  newer: 'from' | 'to',
  {
    rendered,
    older,
  }: { readonly rendered: readonly RenderedObject[]; readonly older: readonly RenderedObject[] },
  behind: Behind,
  always: boolean,
): Step {
  const other = newer === 'to' ? 'from' : 'to';
  const isNeeded = ({ mesh, upgrade }: View): boolean => {
    if (!serves(mesh, upgrade, newer) || !canHoldProxies(upgrade)) return false;
    return always || hasProxies(mesh, onSide(upgrade, newer));
  };
  return {
    id: 'hold-proxies',
    title: "Let the injector give out the older release's proxy",
    timeoutMs: TIMEOUT_MS,
    plan: (view) => {
      const { mesh, record, upgrade } = view;
      const due = stillDue(rendered, record);
      return isNeeded(view) &&
        lackingInPlace(mesh, upgrade, { side: newer, rendered: due, proxies: upgrade[other].version })
          .length > 0
        ? [
            {
              verb: 'install',
              object: `istiod ${upgrade[newer].version} in place, with proxies of ${upgrade[other].version}`,
            },
          ]
        : [];
    },
    run: async (context, view) => {
      const { version } = context.upgrade[other];
      await installOver(context, view.mesh, {
        side: newer,
        rendered,
        proxies: version,
        configuration: heldConfiguration(configurationOf(context.inputs, rendered), older),
        troubled: view.before.troubled,
      });
      await seeHeld(context, { ...view, mesh: await context.observe() }, behind, version);
      return `new pods get proxy ${version}; istiod ${context.upgrade[newer].version} stays until all have it`;
    },
  };
}

function hasProxies(mesh: Mesh, on: ReturnType<typeof onSide>): boolean {
  return mesh.pods.some((pod) => on(pod) && !pod.terminating && !pod.accepted);
}

/** What a pod of the first of these gets that is injected at all; else what the last one gets. */
async function firstAnswer({ cluster }: Context, workloads: readonly Workload[]): Promise<InjectionAnswer> {
  let answer: InjectionAnswer = { kind: 'gone' };
  for (const workload of workloads) {
    answer = await injectionOf(cluster, workload);
    if (answer.kind === 'injected') break;
  }
  return answer;
}

/**
 * Asks by dry runs until every answer is the older release; with nothing to restart nobody need be asked. The first workload
 * that gets an answer of the injector's speaks for all: one that keeps its image, or that a quota refuses, tells nothing.
 */
async function seeHeld(context: Context, view: View, behind: Behind, version: string): Promise<void> {
  const { workloads } = toReplace(view.mesh, behind(view), view.before, view.upgrade);
  const asked = workloads.filter(({ proxyImage }) => proxyImage === undefined).slice(0, ASKED);
  if (asked.length === 0) return;
  let row = 0;
  const seen = await waitFor(
    async (): Promise<Probe<undefined>> => {
      const answer = await firstAnswer(context, asked);
      const right =
        answer.kind !== 'injected' || (answer.version !== undefined && sameRelease(answer.version, version));
      row = right ? row + 1 : 0;
      return row >= IN_A_ROW
        ? { done: true, value: undefined }
        : {
            done: false,
            waiting: `the injector gives out ${answer.kind === 'injected' ? (answer.version ?? 'an unknown version') : answer.kind}`,
          };
    },
    {
      what: `waiting for the injector to give out proxy ${version}`,
      timeoutMs: context.remainingMs(),
      signal: context.signal,
      log: context.log,
      intervalMs: 250,
    },
  );
  if (seen.done) return;
  throw new StepFailed([
    {
      id: 'proxies-not-held',
      severity: 'error',
      message: `istiod does not give out proxy ${version}: ${seen.waiting}`,
      remedy:
        'Nothing was restarted. See whether its pods have the ConfigMap istio-sidecar-injector as it is now (the kubelet takes up to two minutes), then run the phase again.',
    },
  ]);
}
