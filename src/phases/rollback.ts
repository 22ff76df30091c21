import type { View } from '../engine/step.ts';
import type { MeshPod } from '../istio/mesh.ts';
import { isOn } from '../istio/moves.ts';
import { closeRecord } from '../steps/close-record.ts';
import { moveDefault } from '../steps/move-default.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { restoreAll } from '../steps/restore-labels.ts';
import { type Removal, proveUnused, uninstallRevision } from '../steps/uninstall-revision.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import type { ChangingPhase } from './phase.ts';

const CANARY: Removal = { release: ({ upgrade }) => upgrade.to, side: 'to' };

/** Pods observed on the canary, wherever they are. */
function onCanary({ upgrade }: View): (pod: MeshPod) => boolean {
  return isOn(upgrade.to.revision);
}

/** Back to what was there before, in an order in which pods born meanwhile are right (H01: the default goes first). */
export const rollback: ChangingPhase = {
  id: 'rollback',
  intent: 'rollback',
  states: ['none', 'canarying', 'canary', 'promoting', 'promoted', 'removing', 'rolling-back', 'rolled-back'],
  checks: [],
  outcome: 'rolled-back',
  insists: true,
  installs: false,
  steps: () => [
    moveDefault('from'),
    restoreAll,
    rehearseInjection(({ upgrade }) => upgrade.from, onCanary),
    restartWorkloads(({ upgrade }) => upgrade.from, onCanary),
    verifyProxies(({ upgrade }) => ({
      release: upgrade.from,
      mayBeNone: true,
      strict: false,
      side: 'from',
    })),
    proveUnused(CANARY),
    uninstallRevision(CANARY),
    closeRecord('to'),
  ],
};
