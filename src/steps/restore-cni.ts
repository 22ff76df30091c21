import type { View } from '../decide/upgrade.ts';
import { cniConfiguration, noWayBack } from '../istio/cni-configuration.ts';
import { nameOf } from '../istio/mesh.ts';
import { LABEL_VERSION } from '../istio/names.ts';
import { type SharedComponent, agentsOf } from '../istio/shared-component.ts';
import type { RenderedToApply } from '../istioctl/applied.ts';
import { awaitRollouts } from '../wait/rollouts.ts';
import type { Context } from './context.ts';
import { type Step, StepFailed } from './step.ts';

const RENDER_MS = 60_000;
/** In whose name istioctl applies: so its next install knows these fields as its own. */
const MANAGER = 'istio-operator';

/**
 * Brings Istio CNI back to the old control plane's release, as its istioctl renders it, and to its revision: the uninstall
 * of the canary, which upgraded it (`cni: with-install`), would take it along, and no new pod would start (H54, T04).
 */
export const restoreCni: Step = {
  id: 'restore-cni',
  title: 'Put back Istio CNI',
  timeoutMs: 30 * 60_000,
  plan: ({ mesh, upgrade: { from, to } }) =>
    agentsOf(mesh.shared, to.revision).map(({ object, version }) => ({
      verb: 'move',
      object,
      from: version ?? null,
      to: from.version,
    })),
  run: async (context, view) => {
    const { from } = context.upgrade;
    const agents = dueOf(view);
    const rendered = await context.istioctl.from.istioctl.renderCni(cniConfiguration(context.inputs, from), {
      timeoutMs: Math.min(RENDER_MS, context.remainingMs()),
      signal: context.signal,
    });
    const missing = agents.flatMap((agent) => noWayBack(agent, rendered, from.version));
    if (!rendered.readable || missing.length > 0) throw new StepFailed(missing);
    for (const agent of agents) await bringBack(context, agent, rendered.objects, from.version);
    return `Istio CNI is of ${from.version} again, and ready on every node`;
  },
};

function dueOf({ mesh, upgrade }: View): SharedComponent[] {
  return agentsOf(mesh.shared, upgrade.to.revision);
}

async function bringBack(
  context: Context,
  agent: SharedComponent,
  objects: readonly RenderedToApply[],
  version: string,
): Promise<void> {
  for (const object of objects) {
    context.signal.throwIfAborted();
    const labels = { ...agent.ownerLabels, ...object.metadata.labels, [LABEL_VERSION]: version };
    await context.cluster.apply(
      object.kind,
      { ...object, metadata: { ...object.metadata, labels } },
      MANAGER,
    );
  }
  const daemonSet = { kind: 'DaemonSet', namespace: agent.namespace, name: agent.name } as const;
  const findings = await awaitRollouts([daemonSet], {
    cluster: context.cluster,
    log: context.log,
    timeoutMs: context.remainingMs(),
    signal: context.signal,
  });
  if (findings.length > 0) throw new StepFailed(findings);
  context.log.info(`${nameOf(daemonSet)} is of ${version} again`);
}
