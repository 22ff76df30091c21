import { BEFORE_CANARY } from '../checks/index.ts';
import { behindInScope } from '../istio/behind.ts';
import { installRevision } from '../steps/install-revision.ts';
import { pinGateways, seeGateways } from '../steps/move-api-gateways.ts';
import { moveNamespaces } from '../steps/move-namespaces.ts';
import { moveTags, takeTagsBack } from '../steps/move-tags.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { seeGoal } from '../steps/see-goal.ts';
import { verifyAlong } from '../steps/verify-along.ts';
import { verifyControlPlanes } from '../steps/verify-control-planes.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import type { ChangingPhase } from './phase.ts';

/** A new control plane beside the old one, and the first namespaces on it. */
export const canary: ChangingPhase = {
  id: 'canary',
  intent: 'canary',
  states: ['none', 'canarying', 'canary', 'rolled-back', 'promoted', 'completed'],
  checks: BEFORE_CANARY,
  asks: ['from', 'to'],
  outcome: 'succeeded',
  insists: false,
  installs: true,
  steps: (inputs, rendered) => [
    installRevision(rendered),
    verifyControlPlanes('from', 'to'),
    ...(inputs.gateways === 'with-install' || inputs.cni === 'with-install' ? [verifyAlong] : []),
    pinGateways(false),
    seeGateways('from'),
    moveTags('to'),
    moveNamespaces,
    rehearseInjection(({ upgrade }) => upgrade.to, behindInScope, takeTagsBack),
    restartWorkloads(({ upgrade }) => upgrade.to, behindInScope),
    verifyProxies(({ upgrade: { scope } }) => ({
      side: 'to',
      scope,
      mayBeNone: false,
      asksOther: false,
    })),
    seeGoal('canary', inputs),
  ],
};
