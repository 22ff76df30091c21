import { BEFORE_ROLLBACK_IN_PLACE } from '../../checks/in-place/index.ts';
import { newerProxies } from '../../checks/in-place/proxies.ts';
import { hasError } from '../../finding.ts';
import { heldOnTarget, onTargetInPlace } from '../../istio/behind-in-place.ts';
import { canHoldProxies } from '../../istio/held-proxy.ts';
import { isInPlaceBack, serves } from '../../istio/state-in-place.ts';
import { closeRecordOnce } from '../../steps/close-record.ts';
import type { InPlaceRenders } from '../../steps/held-proxies.ts';
import { dropDefaultTag } from '../../steps/drop-default-tag.ts';
import { holdProxies } from '../../steps/hold-proxies.ts';
import { rehearseInjection } from '../../steps/rehearse-injection.ts';
import { replaceControlPlane } from '../../steps/replace-control-plane.ts';
import { restartWorkloads } from '../../steps/restart-workloads.ts';
import { seeGoalInPlace } from '../../steps/see-goal.ts';
import { type Step, StepFailed } from '../../steps/step.ts';
import { verifyControlPlanes } from '../../steps/verify-control-planes.ts';
import { verifyProxies } from '../../steps/verify-proxies.ts';
import type { ChangingPhase } from '../phase.ts';

const verifyBack = (): Step => verifyProxies(() => ({ side: 'from', mayBeNone: true, asksOther: false }));

/**
 * Before the control plane goes down every proxy is seen to be back, by the control plane that still runs. Where that does
 * not serve now, also for a moment, the steps before this one have left proxies as they were: then it goes down only by
 * leave, as if the phase began here (H40).
 */
function verifyHeld(): Step {
  const verify = verifyBack();
  return {
    ...verify,
    id: 'verify-proxies-held',
    title: 'See every proxy back before the control plane goes',
    run: async (context, view) => {
      if (serves(view.mesh, view.upgrade, 'to') && canHoldProxies(view.upgrade))
        return verify.run(context, view);
      const { acknowledge } = context.inputs;
      const found = newerProxies({ ...view, phase: 'rollback', asked: { acknowledge } });
      if (hasError(found)) throw new StepFailed(found);
      return 'those that can not go before it are looked at once the old control plane is back';
    },
  };
}

const END: readonly Step[] = [
  verifyControlPlanes('from'),
  dropDefaultTag('from'),
  rehearseInjection(({ upgrade }) => upgrade.from, onTargetInPlace),
  restartWorkloads(({ upgrade }) => upgrade.from, onTargetInPlace),
  verifyBack(),
  closeRecordOnce(({ mesh, upgrade, before }) => isInPlaceBack(mesh, upgrade, before)),
  seeGoalInPlace('rollback'),
];

/** From a newer release back to the older one: proxies first (H40). */
const toOlder = (renders: InPlaceRenders): readonly Step[] => [
  holdProxies('to', { rendered: renders.held, older: renders.from }, heldOnTarget, false),
  {
    ...rehearseInjection(({ upgrade }) => upgrade.from, heldOnTarget),
    id: 'rehearse-held',
    title: 'Rehearse the injection of the older proxy',
  },
  {
    ...restartWorkloads(({ upgrade }) => upgrade.from, heldOnTarget),
    id: 'restart-held',
    title: 'Restart what is newer, while the newer control plane stays',
  },
  verifyHeld(),
  replaceControlPlane('from', renders.from),
  ...END,
];

/** From a downgrade back up: the control plane first. */
const toNewer = (renders: InPlaceRenders): readonly Step[] => [
  replaceControlPlane('from', renders.from),
  ...END,
];

/** Back to the release that ran before, with its own istioctl and the same configuration. */
export const rollbackInPlace: ChangingPhase = {
  id: 'rollback',
  intent: 'rollback',
  states: ['none', 'canarying', 'canary', 'promoting', 'completed', 'rolling-back', 'rolled-back'],
  checks: BEFORE_ROLLBACK_IN_PLACE,
  asks: ['from', 'to'],
  outcome: 'rolled-back',
  insists: true,
  installs: false,
  weighs: 'goes-on',
  steps: (_inputs, _rendered, { renders, down }) => (down ? toNewer : toOlder)(renders),
};
