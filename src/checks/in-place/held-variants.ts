import { nameOf } from '../../istio/mesh.ts';
import { ownerKey } from '../../istio/moves.ts';
import { onSide } from '../../istio/side.ts';
import { goesDown } from '../../istio/state-in-place.ts';
import { capped } from '../capped.ts';
import type { Check } from '../check.ts';

/**
 * On the way down the newer injector gives out the older proxy by its whole image, and by that Istio's templates leave the
 * variant aside that a pod asks for (`sidecar.istio.io/proxyImageType`): such a workload gets the mesh's variant, until it
 * is restarted once more after the older control plane is there.
 */
export const heldVariants: Check = ({ mesh, phase, upgrade }) => {
  const down = goesDown(upgrade);
  // Up, and back up from a downgrade, nothing is held.
  if (down === (phase === 'rollback')) return [];
  const isNewer = onSide(upgrade, down ? 'from' : 'to');
  const newer = new Set(mesh.pods.filter((pod) => isNewer(pod) && !pod.terminating).map(ownerKey));
  return capped(
    mesh.workloads
      .filter((workload) => workload.proxyVariant !== undefined && newer.has(nameOf(workload)))
      .map((workload) => ({
        id: 'held-proxy-loses-variant',
        severity: 'warning',
        object: nameOf(workload),
        message: `its pods ask for the proxy's variant ${workload.proxyVariant ?? ''} (sidecar.istio.io/proxyImageType); on the way down they get that of the mesh, with the older version`,
        remedy: `Restart it once the control plane is of the older release: kubectl rollout restart ${workload.kind.toLowerCase()} ${workload.name} -n ${workload.namespace}`,
      })),
  );
};
