import { BEFORE_CANARY_IN_PLACE } from '../../checks/in-place/index.ts';
import { behindInScope } from '../../istio/behind.ts';
import type { InPlaceRenders } from '../../steps/held-proxies.ts';
import { holdProxies } from '../../steps/hold-proxies.ts';
import { rehearseInjection } from '../../steps/rehearse-injection.ts';
import { replaceControlPlane } from '../../steps/replace-control-plane.ts';
import { restartWorkloads } from '../../steps/restart-workloads.ts';
import { seeGoalInPlace } from '../../steps/see-goal.ts';
import type { Step } from '../../steps/step.ts';
import { verifyControlPlanes } from '../../steps/verify-control-planes.ts';
import { verifyGatewaysInPlace } from '../../steps/verify-gateways-in-place.ts';
import { verifyProxies } from '../../steps/verify-proxies.ts';
import type { ChangingPhase } from '../phase.ts';

const MOVE: readonly Step[] = [
  rehearseInjection(({ upgrade }) => upgrade.to, behindInScope),
  restartWorkloads(({ upgrade }) => upgrade.to, behindInScope),
  verifyProxies(({ upgrade: { scope } }) => ({ side: 'to', scope, mayBeNone: false, asksOther: false })),
  seeGoalInPlace('canary'),
];

/** Up: the control plane first, with its gateways, then the canary's proxies. */
const up = (renders: InPlaceRenders): readonly Step[] => [
  replaceControlPlane('to', renders.to),
  verifyControlPlanes('to'),
  verifyGatewaysInPlace,
  ...MOVE,
];

/** Down: the canary's proxies, and the gateways, while the newer control plane stays (H40). */
const down = (renders: InPlaceRenders): readonly Step[] => [
  holdProxies('from', { rendered: renders.held, older: renders.to }, behindInScope, true),
  verifyGatewaysInPlace,
  ...MOVE,
];

/** The only control plane is replaced where it is, and the first namespaces are restarted for it. */
export const canaryInPlace: ChangingPhase = {
  id: 'canary',
  intent: 'canary',
  states: ['none', 'canarying', 'canary', 'rolled-back', 'completed'],
  checks: BEFORE_CANARY_IN_PLACE,
  asks: ['from', 'to'],
  outcome: 'succeeded',
  insists: false,
  installs: false,
  weighs: 'begins',
  steps: (_inputs, _rendered, { renders, down: goesDown }) => (goesDown ? down : up)(renders),
};
