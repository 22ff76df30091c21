import type { Finding } from '../finding.ts';
import { flawsOf } from '../istio/health.ts';
import { type ControlPlane, planeOfRevision } from '../istio/mesh.ts';
import { remains } from '../istio/state.ts';
import { capped } from './capped.ts';
import { isMoved, stayingNamespaces } from '../istio/scope.ts';
import { relabelling } from '../istio/relabelling.ts';
import { destinationFlaw } from '../istio/way-back.ts';
import type { Check } from './check.ts';

/**
 * Before a rollback writes anything: the control plane that it leads to can take the workloads (M10), if not with all its
 * replicas, and what it can't bring back is told (M40). The latter stops nothing else: the rest of the mesh goes back all the same.
 */
export const destination: Check = ({ mesh, upgrade: { from, to } }) => {
  if (!remains(mesh, to.revision)) return [];
  const flaw = destinationFlaw(mesh, from.revision);
  if (flaw !== undefined) {
    return [
      {
        id: 'rollback-destination-not-ready',
        severity: 'error',
        object: `control plane ${from.revision}`,
        message: `the control plane to go back to ${flaw}`,
        remedy:
          'Repair it first (scale istiod up, or install it again with its own istioctl and the same configuration), then run rollback again. Nothing was touched: what runs on the canary goes on.',
      },
    ];
  }
  const staying = capped(
    stayingNamespaces(mesh, to.revision, from.revision)
      // What this Action moved and can't bring back is told by the check of the annotations.
      .filter((namespace) => !isMoved(namespace, to.revision))
      .map((namespace) => ({
        id: 'namespace-stays-on-target',
        severity: 'warning',
        object: `Namespace ${namespace.name}`,
        message: `its labels choose ${to.revision} (istio.io/rev=${namespace.labels['istio.io/rev'] ?? ''}), and this Action did not set them: rollback leaves them, and ${to.revision} is not removed as long as they do`,
        remedy: `${relabelling(namespace, from.revision)}, and run rollback again.`,
      })),
  );
  return [...shortOf(planeOfRevision(mesh, from.revision)), ...staying];
};

/** Some of its replicas serve, and not all. */
function shortOf(plane: ControlPlane | undefined): Finding[] {
  const [flaw] = flawsOf(plane);
  if (plane === undefined || flaw === undefined) return [];
  return [
    {
      id: 'rollback-destination-not-ready',
      severity: 'warning',
      object: `control plane ${plane.revision}`,
      message: `the control plane to go back to serves, but ${flaw}`,
      remedy:
        'Rollback goes on all the same. See its pods: what they wait for, such as room on the nodes, may come once the canary is gone.',
    },
  ];
}
