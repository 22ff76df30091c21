import { showsCanary } from '../istio/evidence.ts';
import { ownerKey } from '../istio/moves.ts';
import { type Scope, covers } from '../istio/scope.ts';
import type { Check } from './check.ts';

/**
 * A canary of namespaces in which no pod would have a proxy proves nothing: it would be installed, and then be
 * inconclusive (promise 8). So do workloads that were broken before: they stay as they are. That is told before, where it
 * costs nothing.
 */
export const canaryEvidence: Check = ({ mesh, before, upgrade: { scope } }) =>
  scope.namespaces.length + scope.tags.length === 0 ||
  mesh.pods.some(
    (pod) =>
      covers(scope, pod) &&
      showsCanary(pod) &&
      !before.troubled.has(ownerKey(pod)) &&
      !before.unsynced.has(ownerKey(pod)),
  )
    ? []
    : [
        {
          id: 'canary-shows-nothing',
          severity: 'error',
          message: `no pod ${placeOf(scope)} of a workload that is well, and in sync with istiod, has a proxy or would get one, so a canary there could not be seen to work`,
          remedy: mesh.pods.some((pod) => pod.accepted && covers(scope, pod))
            ? 'What has a sidecar there may stay behind (allow-stragglers), and is no evidence. Choose in canary-namespaces, too, a namespace with a Deployment, StatefulSet or DaemonSet whose pods have sidecars.'
            : scope.namespaces.length === 0
              ? 'Name in canary-namespaces, beside canary-tag, a namespace that has running pods with sidecars.'
              : 'Choose a namespace in canary-namespaces that has running pods with sidecars, or mend or scale up a workload in it.',
        },
      ];

/** A tag that nobody follows takes no namespace along: then it is all there is to name. */
function placeOf({ namespaces, tags }: Scope): string {
  return namespaces.length === 0
    ? `that follows the tag ${tags.join(', ')}`
    : `in ${namespaces.slice(0, 5).join(', ')}`;
}
