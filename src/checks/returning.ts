import {
  type Saying,
  forsakenOf,
  podWillNotMove,
  restartLosesSidecar,
  unmovableOf,
  workloadsWillNotMove,
} from '../istio/immovable.ts';
import { toReplace } from '../istio/moves.ts';
import { pinnedTo, pinsRevision } from '../istio/pinned-templates.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

const SAYING: Saying = { severity: 'warning', mayStay: false };

/**
 * What is on the target and no rollback takes back. It is told, and stops nothing: all else goes back first, and the end of
 * the run says what is left to be done by hand. Leave to stay is no way out: the target would go from under it.
 */
export const returning: Check = ({ mesh, before, upgrade }) => {
  const there = onSide(upgrade, 'to');
  const stragglers = toReplace(mesh, there, before, upgrade).stragglers.filter(
    ({ uid = '' }) => !before.standing.has(uid),
  );
  const { revision } = upgrade.from;
  const stuck = workloadsWillNotMove(mesh, stragglers, SAYING);
  const forsaken = [...forsakenOf(mesh, stragglers)].map(([namespace, pods]) =>
    restartLosesSidecar(namespace, pods, { ...SAYING, revision }),
  );
  const unowned = unmovableOf(mesh, stragglers).map((pod) => podWillNotMove(mesh, pod, SAYING));
  // In place a template names the one revision that there is.
  const pinned = isInPlace(upgrade)
    ? []
    : pinnedTo(mesh, upgrade, 'to').map((item) => pinsRevision(item, revision, SAYING));
  return [stuck, forsaken, unowned, pinned].flatMap((findings) => capped(findings));
};
