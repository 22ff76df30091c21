import type { View } from '../decide/upgrade.ts';
import {
  gatewayNotInConfiguration,
  gatewaySources,
  gatewaysNotRendered,
  renderedOf,
} from '../istio/gateway-configuration.ts';
import { type InstalledGateway, gatewaysToLeave } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import { LABEL_VERSION } from '../istio/names.ts';
import type { RenderedGateway } from '../istioctl/gateway-manifest.ts';
import type { Applied } from '../cluster/cluster.ts';
import { awaitRollouts } from '../wait/rollouts.ts';
import type { Context } from './context.ts';
import { type Step, StepFailed } from './step.ts';

const RENDER_MS = 60_000;
/** In whose name istioctl applies (seen in managedFields): so its next install knows these fields as its own. */
const MANAGER = 'istio-operator';

/**
 * Moves the gateways that istioctl installed, one after the other: each as the istioctl of that side renders it from the
 * user's own configuration, applied as that istioctl applies it. Not by its `install`: that would prune or take over the
 * control plane along with it (istio.io, "Canary Upgrades", on gateways; T17, H22, H23). Their Services keep their
 * addresses, as they are changed and never replaced.
 *
 * @param side where they go to
 */
export function moveGateways(side: 'from' | 'to'): Step {
  const leaving = side === 'to' ? 'from' : 'to';
  const due = ({ mesh, upgrade }: View): InstalledGateway[] =>
    gatewaysToLeave(mesh, upgrade[leaving].revision);
  return {
    id: side === 'to' ? 'move-gateways' : 'restore-gateways',
    title: side === 'to' ? 'Move the gateways' : 'Put back the gateways',
    timeoutMs: 30 * 60_000,
    plan: (view) =>
      due(view).map((gateway) => ({
        verb: 'move',
        object: nameOf(gateway),
        from: view.upgrade[leaving].revision,
        to: view.upgrade[side].revision,
      })),
    run: async (context, view) => {
      const gateways = due(view);
      const rendered = await context.istioctl[side].istioctl.renderGateways(
        { due: gateways, sources: gatewaySources(context.inputs, context.upgrade[side]) },
        { timeoutMs: Math.min(RENDER_MS, context.remainingMs()), signal: context.signal },
      );
      if (!rendered.readable) throw new StepFailed([gatewaysNotRendered(rendered.reason)]);
      const pairs = gateways.map((gateway) => [gateway, renderedOf(gateway, rendered.gateways)] as const);
      const missing = pairs.filter(([, found]) => found === undefined).map(([gateway]) => gateway);
      const mayStay = side === 'to' && !context.inputs.removeOld;
      if (missing.length > 0)
        throw new StepFailed(missing.map((gateway) => gatewayNotInConfiguration(gateway, mayStay)));
      for (const [gateway, found] of pairs)
        if (found !== undefined) await move(context, view, gateway, found, side);
      return `${String(gateways.length)} ${gateways.length === 1 ? 'gateway is' : 'gateways are'} on ${context.upgrade[side].revision} and ready`;
    },
  };
}

async function move(
  context: Context,
  { before }: View,
  gateway: InstalledGateway,
  { objects }: RenderedGateway,
  side: 'from' | 'to',
): Promise<void> {
  const { version } = context.upgrade[side];
  for (const object of objects) {
    context.signal.throwIfAborted();
    await context.cluster.apply(object.kind, asInstalled(object, gateway, version), MANAGER);
  }
  // Nobody waits for one to get well that was broken before.
  if (before.troubled.has(nameOf(gateway))) return;
  const findings = await awaitRollouts([gateway], {
    cluster: context.cluster,
    log: context.log,
    timeoutMs: context.remainingMs(),
    signal: context.signal,
  });
  if (findings.length > 0) throw new StepFailed(findings);
}

/** With the labels that istioctl puts over those that it renders when it installs. */
function asInstalled(object: Applied, { ownerLabels }: InstalledGateway, version: string): Applied {
  const labels = { ...object.metadata.labels, ...ownerLabels, [LABEL_VERSION]: version };
  return { ...object, metadata: { ...object.metadata, labels } };
}
