import type { View } from '../decide/upgrade.ts';
import { isOurs } from './before.ts';
import { type MeshPod, nameOf } from './mesh.ts';
import { ownerKey } from './moves.ts';
import { pinnedTo } from './pinned-templates.ts';
import { covers, isOnly } from './scope.ts';
import { isBehind, onSide } from './side.ts';

/** Which pods have to be replaced, from what is seen now. */
export type Behind = (view: View) => (pod: MeshPod) => boolean;

/** Pods of the upgrade's scope that are not on the target. */
export const behindInScope: Behind = ({ upgrade }) => {
  const behind = isBehind(upgrade);
  return (pod) => covers(upgrade.scope, pod) && behind(pod);
};

/** Pods anywhere in the mesh that are not on the target: also those that follow the default by their own label. */
export const behindAnywhere: Behind = ({ upgrade }) => isBehind(upgrade);

/**
 * Pods observed on the canary, wherever they are, that are born elsewhere by now: a restart takes them there. So it does
 * with those that this upgrade restarted while nobody injected them (story 120001:425).
 */
export const toReturn: Behind = ({ mesh, upgrade }) => {
  const on = onSide(upgrade, 'to');
  const staying = new Set(
    mesh.namespaces
      .filter(({ injectedBy }) => injectedBy.includes(upgrade.to.revision))
      .map(({ name }) => name),
  );
  // What its own template keeps there is born there again: who keeps the template has to change it first.
  const pinned = new Set(pinnedTo(mesh, upgrade, 'to').map(nameOf));
  const ours = new Set(
    mesh.workloads.filter((workload) => isOurs(workload, { attempt: upgrade.attempt })).map(nameOf),
  );
  const isBare = ({ revision, injectedBy }: MeshPod): boolean =>
    revision === undefined && isOnly(injectedBy, upgrade.from.revision);
  return (pod) =>
    (on(pod) && !staying.has(pod.namespace) && !pinned.has(ownerKey(pod))) ||
    (isBare(pod) && ours.has(ownerKey(pod)));
};
