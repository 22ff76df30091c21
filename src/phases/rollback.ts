import { BEFORE_ROLLBACK } from '../checks/index.ts';
import { toReturn } from '../istio/behind.ts';
import { meshOnceBack } from '../istio/mesh-once-back.ts';
import { awaitOwners } from '../steps/await-owners.ts';
import { closeRecord } from '../steps/close-record.ts';
import { moveApiGateways, pinGatewaysForReturn, seeGateways } from '../steps/move-api-gateways.ts';
import { moveDefault } from '../steps/move-default.ts';
import { moveGateways } from '../steps/move-gateways.ts';
import { moveTags } from '../steps/move-tags.ts';
import { type Removal, proveUnused } from '../steps/prove-unused.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { restoreCni } from '../steps/restore-cni.ts';
import { restoreAdopted, restoreAll } from '../steps/restore-labels.ts';
import { seeGoal } from '../steps/see-goal.ts';
import { uninstallRevision } from '../steps/uninstall-revision.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import type { ChangingPhase } from './phase.ts';

const CANARY: Removal = { release: ({ upgrade }) => upgrade.to, side: 'to' };

/** Back to what was there before, in an order in which pods born meanwhile are right (H01: the default goes first). */
export const rollback: ChangingPhase = {
  id: 'rollback',
  intent: 'rollback',
  states: ['none', 'canarying', 'canary', 'promoting', 'promoted', 'removing', 'rolling-back', 'rolled-back'],
  checks: BEFORE_ROLLBACK,
  asks: ['from', 'to'],
  outcome: 'rolled-back',
  insists: true,
  installs: false,
  steps: () => [
    pinGatewaysForReturn,
    moveDefault('from'),
    restoreAdopted,
    moveTags('from'),
    restoreAll,
    moveGateways('from'),
    restoreCni,
    rehearseInjection(({ upgrade }) => upgrade.from, toReturn),
    restartWorkloads(
      ({ upgrade }) => upgrade.from,
      toReturn,
      ({ mesh, upgrade }) => meshOnceBack(mesh, upgrade),
    ),
    moveApiGateways('from'),
    seeGateways('from'),
    awaitOwners('from'),
    verifyProxies(({ mesh, upgrade }) => ({
      side: 'from',
      // What stays on the canary by somebody's own label is told, and stops the removal alone (M40).
      scope: {
        namespaces: mesh.namespaces
          .filter(({ injectedBy }) => !injectedBy.includes(upgrade.to.revision))
          .map(({ name }) => name),
        tags: [],
      },
      mayBeNone: true,
      asksOther: false,
    })),
    proveUnused(CANARY),
    uninstallRevision(CANARY),
    closeRecord('to'),
    seeGoal('rollback'),
  ],
};
