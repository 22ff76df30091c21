import { showsCanary } from '../istio/evidence.ts';
import { covers } from '../istio/scope.ts';
import type { Check } from './check.ts';

/**
 * A canary of namespaces in which no pod would have a proxy proves nothing: it would be installed, and then be
 * inconclusive (promise 8). That is told before, where it costs nothing.
 */
export const canaryEvidence: Check = ({ mesh, upgrade: { scope } }) =>
  scope.namespaces.length === 0 || mesh.pods.some((pod) => covers(scope, pod.namespace) && showsCanary(pod))
    ? []
    : [
        {
          id: 'canary-shows-nothing',
          severity: 'error',
          message: `no pod in ${scope.namespaces.slice(0, 5).join(', ')} has a proxy or would get one, so a canary there could not be seen to work`,
          remedy:
            'Choose a namespace in canary-namespaces that has running pods with sidecars, or scale up a workload in it.',
        },
      ];
