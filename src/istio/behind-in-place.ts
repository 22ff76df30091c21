import type { Behind } from './behind.ts';
import { canHoldProxies } from './held-proxy.ts';
import { onSide } from './side.ts';
import { serves } from './state-in-place.ts';

/** Pods that a rollback has to take back. */
export const onTargetInPlace: Behind = ({ upgrade }) => onSide(upgrade, 'to');

/**
 * The same, as long as the control plane that runs is the target's and can give out the older proxy. Where it does not
 * serve, or its template is not for that proxy, they follow once the old control plane is back
 * (`proxies-newer-than-control-plane`).
 */
export const heldOnTarget: Behind = (view) =>
  serves(view.mesh, view.upgrade, 'to') && canHoldProxies(view.upgrade) ? onTargetInPlace(view) : () => false;
