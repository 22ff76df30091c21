import { BEFORE_PROMOTE } from '../checks/index.ts';
import type { Step, View } from '../engine/step.ts';
import type { MeshPod } from '../istio/mesh.ts';
import { isBehind } from '../istio/moves.ts';
import { closeRecord } from '../steps/close-record.ts';
import { moveDefault } from '../steps/move-default.ts';
import { moveNamespaces } from '../steps/move-namespaces.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { forgetOriginals, restoreFollowers } from '../steps/restore-labels.ts';
import { type Removal, proveUnused, uninstallRevision } from '../steps/uninstall-revision.ts';
import { verifyPromotable } from '../steps/verify-promotable.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import { behindTarget } from './canary.ts';
import type { ChangingPhase } from './phase.ts';

const OLD: Removal = { release: ({ upgrade }) => upgrade.from, side: 'from' };

/** Pods anywhere in the mesh that are not on the target: also those that follow the default by their own label. */
function behindAnywhere({ upgrade }: View): (pod: MeshPod) => boolean {
  return isBehind(upgrade.to);
}

const REMOVAL: readonly Step[] = [
  proveUnused(OLD),
  uninstallRevision(OLD),
  forgetOriginals,
  closeRecord('from'),
];

/** The rest of the mesh follows, the default moves; and on request the old control plane goes. */
export const promote: ChangingPhase = {
  id: 'promote',
  intent: 'promote',
  states: ['canary', 'promoting', 'promoted', 'removing', 'completed'],
  checks: BEFORE_PROMOTE,
  outcome: 'succeeded',
  insists: false,
  installs: false,
  steps: ({ removeOld }) => [
    verifyPromotable,
    moveNamespaces,
    rehearseInjection(({ upgrade }) => upgrade.to, behindTarget),
    restartWorkloads(({ upgrade }) => upgrade.to, behindTarget),
    moveDefault('to'),
    restoreFollowers,
    {
      ...restartWorkloads(({ upgrade }) => upgrade.to, behindAnywhere),
      id: 'restart-followers',
      title: 'Restart what follows the default tag by itself',
    },
    verifyProxies(({ upgrade }) => ({
      release: upgrade.to,
      mayBeNone: false,
      strict: true,
      side: 'to',
    })),
    ...(removeOld ? REMOVAL : []),
  ],
};
