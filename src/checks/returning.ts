import {
  forsakenOf,
  isRestartable,
  orphansOf,
  podWillNotMove,
  restartLosesSidecar,
  workloadWillNotMove,
} from '../istio/immovable.ts';
import { nameOf } from '../istio/mesh.ts';
import { ownerKey, stuckBecause, toReplace } from '../istio/moves.ts';
import { pinnedTo, pinsRevision } from '../istio/pinned-templates.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * What is on the target and no rollback takes back. It is told, and stops nothing: all else goes back first, and the end of
 * the run says what is left to be done by hand. Leave to stay is no way out: the target would go from under it.
 */
export const returning: Check = ({ mesh, before, upgrade }) => {
  const there = onSide(upgrade, 'to');
  const { stragglers } = toReplace(mesh, there, before, upgrade);
  const owners = new Set(stragglers.map(ownerKey));
  const stuck = mesh.workloads.flatMap((workload) => {
    const reason = owners.has(nameOf(workload)) ? stuckBecause(workload) : undefined;
    return reason === undefined
      ? []
      : [workloadWillNotMove(workload, reason, { severity: 'warning', mayStay: false })];
  });
  const forsaken = [...forsakenOf(mesh, stragglers)].map(([namespace, pods]) =>
    restartLosesSidecar(namespace, pods, {
      revision: upgrade.from.revision,
      severity: 'warning',
      mayStay: false,
    }),
  );
  const unowned = [...stragglers.filter((pod) => !isRestartable(pod)), ...orphansOf(mesh, stragglers)].map(
    (pod) => podWillNotMove(mesh, pod, { severity: 'warning', mayStay: false }),
  );
  // In place a template names the one revision that there is.
  const pinned = isInPlace(upgrade)
    ? []
    : pinnedTo(mesh, upgrade, 'to').map((item) =>
        pinsRevision(item, upgrade.from.revision, { severity: 'warning' }),
      );
  return [stuck, forsaken, unowned, pinned].flatMap((findings) => capped(findings));
};
