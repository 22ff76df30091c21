import { BEFORE_PROMOTE_IN_PLACE } from '../../checks/in-place/index.ts';
import { behindAnywhere } from '../../istio/behind.ts';
import { serves } from '../../istio/state-in-place.ts';
import { closeRecordOnce } from '../../steps/close-record.ts';
import { dropDefaultTag } from '../../steps/drop-default-tag.ts';
import type { InPlaceRenders } from '../../steps/held-proxies.ts';
import { holdProxies } from '../../steps/hold-proxies.ts';
import { rehearseInjection } from '../../steps/rehearse-injection.ts';
import { replaceControlPlane } from '../../steps/replace-control-plane.ts';
import { restartWorkloads } from '../../steps/restart-workloads.ts';
import { seeGoalInPlace } from '../../steps/see-goal.ts';
import type { Step } from '../../steps/step.ts';
import { verifyControlPlanes } from '../../steps/verify-control-planes.ts';
import { verifyProxies } from '../../steps/verify-proxies.ts';
import type { ChangingPhase } from '../phase.ts';

const RESTART: readonly Step[] = [
  rehearseInjection(({ upgrade }) => upgrade.to, behindAnywhere),
  restartWorkloads(({ upgrade }) => upgrade.to, behindAnywhere),
];

const verifyAll = (): Step => verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false }));

const END: readonly Step[] = [
  closeRecordOnce(({ mesh, upgrade }) => serves(mesh, upgrade, 'to')),
  seeGoalInPlace('promote'),
];

/** Up: the control plane is there already, and the rest of the proxies follow it. */
const up: readonly Step[] = [verifyControlPlanes('to'), ...RESTART, verifyAll(), ...END];

/** Down: the rest of the proxies first, and only then the control plane (H40). */
const down = (renders: InPlaceRenders): readonly Step[] => [
  holdProxies('from', { rendered: renders.held, older: renders.to }, behindAnywhere, false),
  ...RESTART,
  verifyAll(),
  replaceControlPlane('to', renders.to),
  verifyControlPlanes('to'),
  dropDefaultTag('to'),
  {
    ...verifyAll(),
    id: 'verify-proxies-again',
    title: 'See every proxy on the control plane that was put in place',
  },
  ...END,
];

/** The rest of the mesh follows; after it nothing is left of the other release. */
export const promoteInPlace: ChangingPhase = {
  id: 'promote',
  intent: 'promote',
  states: ['canary', 'promoting', 'completed'],
  checks: BEFORE_PROMOTE_IN_PLACE,
  asks: ['from', 'to'],
  outcome: 'succeeded',
  insists: false,
  installs: false,
  weighs: 'goes-on',
  steps: (_inputs, _rendered, { renders, down: goesDown }) => (goesDown ? down(renders) : up),
};
