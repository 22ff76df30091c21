import { BEFORE_PROMOTE } from '../checks/index.ts';
import { behindAnywhere, behindInScope } from '../istio/behind.ts';
import { adoptTags } from '../steps/adopt-tags.ts';
import { awaitOwners } from '../steps/await-owners.ts';
import { closeRecord } from '../steps/close-record.ts';
import {
  forgetGateways,
  moveApiGateways,
  moveGatewaysBeforeDefault,
  pinGateways,
  seeGateways,
} from '../steps/move-api-gateways.ts';
import { moveDefault } from '../steps/move-default.ts';
import { moveGateways } from '../steps/move-gateways.ts';
import { moveNamespaces } from '../steps/move-namespaces.ts';
import { moveTags, takeTagsBack } from '../steps/move-tags.ts';
import { type Removal, proveUnused } from '../steps/prove-unused.ts';
import { recordPromoted } from '../steps/record-promoted.ts';
import { rehearseInjection } from '../steps/rehearse-injection.ts';
import { restartWorkloads } from '../steps/restart-workloads.ts';
import { forgetOriginals, restoreFollowers } from '../steps/restore-labels.ts';
import { seeGoal } from '../steps/see-goal.ts';
import type { Step } from '../steps/step.ts';
import { uninstallRevision } from '../steps/uninstall-revision.ts';
import { verifyControlPlanes } from '../steps/verify-control-planes.ts';
import { verifyProxies } from '../steps/verify-proxies.ts';
import type { ChangingPhase } from './phase.ts';

const OLD: Removal = { release: ({ upgrade }) => upgrade.from, side: 'from' };

const REMOVAL: readonly Step[] = [
  proveUnused(OLD),
  uninstallRevision(OLD),
  forgetOriginals,
  forgetGateways,
  closeRecord('from'),
];

/** The rest of the mesh follows, the default moves; and on request the old control plane goes. */
export const promote: ChangingPhase = {
  id: 'promote',
  intent: 'promote',
  states: ['canary', 'promoting', 'promoted', 'removing', 'completed'],
  checks: BEFORE_PROMOTE,
  asks: ['from', 'to'],
  outcome: 'succeeded',
  insists: false,
  installs: false,
  steps: ({ removeOld, adoptTags: adopts, stableTags: [stable] }) => [
    verifyControlPlanes('to'),
    pinGateways(true),
    moveTags('to'),
    moveNamespaces,
    rehearseInjection(({ upgrade }) => upgrade.to, behindInScope, takeTagsBack),
    restartWorkloads(({ upgrade }) => upgrade.to, behindInScope),
    moveGateways('to'),
    awaitOwners('to'),
    moveGatewaysBeforeDefault,
    moveDefault('to'),
    restoreFollowers,
    {
      ...restartWorkloads(({ upgrade }) => upgrade.to, behindAnywhere),
      id: 'restart-followers',
      title: 'Restart what follows the default tag by itself',
    },
    moveApiGateways('to'),
    seeGateways('to'),
    ...(adopts && stable !== undefined ? [adoptTags(stable)] : []),
    verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: true })),
    recordPromoted,
    // Somebody may have removed the old one by hand.
    ...(removeOld ? REMOVAL : [closeRecord('from')]),
    seeGoal('promote', { removeOld, ...(adopts ? { adopts: stable } : {}) }),
  ],
};
