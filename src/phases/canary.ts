import { BEFORE_CANARY } from '../checks/index.ts';
import type { View } from '../engine/step.ts';
import type { MeshPod } from '../istio/mesh.ts';
import { isBehind } from '../istio/moves.ts';
import { installRevision } from '../steps/install-revision.ts';
import { moveNamespaces } from '../steps/move-namespaces.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { verifyControlPlanes } from '../steps/verify-control-planes.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import type { ChangingPhase } from './phase.ts';

/** Pods of the upgrade's namespaces that are not on the target. */
export function behindTarget({ upgrade: { to, namespaces } }: View): (pod: MeshPod) => boolean {
  const behind = isBehind(to);
  return (pod) => namespaces.includes(pod.namespace) && behind(pod);
}

/** A new control plane beside the old one, and the first namespaces on it. */
export const canary: ChangingPhase = {
  id: 'canary',
  intent: 'canary',
  states: ['none', 'canarying', 'canary', 'rolled-back', 'promoted', 'completed'],
  checks: BEFORE_CANARY,
  outcome: 'succeeded',
  insists: false,
  installs: true,
  steps: (_inputs, rendered) => [
    installRevision(rendered),
    verifyControlPlanes,
    moveNamespaces,
    rehearseInjection(({ upgrade }) => upgrade.to, behindTarget),
    restartWorkloads(({ upgrade }) => upgrade.to, behindTarget),
    verifyProxies(({ upgrade }) => ({
      release: upgrade.to,
      namespaces: upgrade.namespaces,
      mayBeNone: false,
      strict: true,
      side: 'to',
    })),
  ],
};
