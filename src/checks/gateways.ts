import { gatewaysOf } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import { covers } from '../istio/scope.ts';
import type { Check } from './check.ts';

/**
 * A gateway that is restarted must serve all the while: one whose own strategy takes all its pods at once would be gone
 * for the users of the mesh. That is settled before anything is touched, by who owns it.
 */
export const gateways: Check = ({ mesh, phase, upgrade: { from, scope } }) => {
  const installed = new Set(gatewaysOf(mesh, from.revision).map(nameOf));
  const made = new Set(
    mesh.apiGateways
      .filter(({ claimedBy }) => claimedBy.includes(from.revision))
      .map(({ namespace, deployment = '' }) => nameOf({ kind: 'Deployment', namespace, name: deployment })),
  );
  return (
    mesh.workloads
      .filter(
        (workload) =>
          (workload.gateway === 'injected'
            ? workload.injectedBy.includes(from.revision)
            : installed.has(nameOf(workload)) || made.has(nameOf(workload))) &&
          !workload.servesThroughout &&
          !workload.accepted,
      )
      // A Gateway in the canary's namespaces is rolled there, too: when it is pinned.
      .map((workload) => ({
        id: 'gateway-would-stop',
        severity:
          phase === 'canary' && !covers(scope, { ...workload, ofGateway: false }) ? 'warning' : 'error',
        object: nameOf(workload),
        message: 'a gateway, and a restart would take all its pods at once',
        remedy:
          'Give it more replicas than its strategy takes away (spec.strategy: RollingUpdate with maxUnavailable: 0, or replicas: 2).',
      }))
  );
};
