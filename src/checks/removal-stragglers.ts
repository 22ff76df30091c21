import { isOn } from '../istio/moves.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * What may stay behind holds the control plane that it stays on: a removal would wait for it, and then fail. It is told
 * before anything is touched (promise 5).
 */
export const removalStragglers: Check = ({ mesh, removal: { removeOld }, upgrade: { from } }) => {
  if (!removeOld) return [];
  const behind = isOn(from.revision);
  return capped(
    mesh.pods
      .filter((pod) => pod.accepted && !pod.terminating && behind(pod))
      .map(({ namespace, name }) => ({
        id: 'straggler-holds-removal',
        severity: 'error',
        object: `Pod ${namespace}/${name}`,
        message: `it may stay behind (allow-stragglers), and its proxy is of ${from.revision}: that can't be removed as long as it runs`,
        remedy: 'Run promote without remove-old; once the pod is replaced or gone, run it with remove-old.',
      })),
  );
};
