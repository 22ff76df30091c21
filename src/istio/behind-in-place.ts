import type { View } from '../decide/upgrade.ts';
import { type Behind, behindAnywhere, behindInScope } from './behind.ts';
import { isServing } from './health.ts';
import { installedGateways } from './installed-gateways.ts';
import { nameOf, planeOfRevision } from './mesh.ts';
import { ownerKey } from './moves.ts';
import { onSide } from './side.ts';
import { runs } from './state-in-place.ts';

/** Gateways that istioctl has installed have their proxy from it, and not from an injector: no restart changes it. */
function butGateways(behind: Behind): Behind {
  return (view) => {
    const gateways = new Set(installedGateways(view.mesh).map(nameOf));
    const chosen = behind(view);
    return (pod) => chosen(pod) && !gateways.has(ownerKey(pod));
  };
}

/** Pods of the canary's namespaces that are not on the target. */
export const inScopeInPlace: Behind = butGateways(behindInScope);

/** Pods anywhere that are not on the target. */
export const anywhereInPlace: Behind = butGateways(behindAnywhere);

/** Pods that a rollback has to take back. */
export const onTargetInPlace: Behind = butGateways(({ upgrade }) => onSide(upgrade, 'to'));

/**
 * The same, as long as the control plane that runs is the target's and can give out the older proxy. Where it does not
 * serve, they follow once the old control plane is back (`proxies-newer-than-control-plane`).
 */
export const heldOnTarget: Behind = (view) => (targetServes(view) ? onTargetInPlace(view) : () => false);

/** Whether the control plane is the target's, and serves. */
export function targetServes({ mesh, upgrade: { to } }: View): boolean {
  const plane = planeOfRevision(mesh, to.revision);
  return runs(plane, to.version) && isServing(plane);
}
