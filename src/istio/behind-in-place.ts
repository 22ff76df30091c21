import type { View } from '../decide/upgrade.ts';
import type { Behind } from './behind.ts';
import { isServing } from './health.ts';
import { planeOfRevision } from './mesh.ts';
import { onSide } from './side.ts';
import { runs } from './state-in-place.ts';

/** Pods that a rollback has to take back. */
export const onTargetInPlace: Behind = ({ upgrade }) => onSide(upgrade, 'to');

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
