import type { View } from '../decide/upgrade.ts';
import { onOldSide } from '../istio/promoted.ts';
import { onSide } from '../istio/side.ts';

/** Whether nobody is, or comes to be, on the old revision. A namespace scaled to zero has no pod to show, and moves all the same. */
export function isThrough({ mesh, upgrade, before }: View): boolean {
  return (
    !mesh.pods.some(onSide(upgrade, 'from')) &&
    !mesh.workloads.some(({ injectedBy }) => injectedBy.includes(upgrade.from.revision)) &&
    onOldSide(mesh, upgrade, before).length === 0
  );
}
