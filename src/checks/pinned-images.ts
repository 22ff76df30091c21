import { type Workload, nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { imageVersion } from '../istio/proxy.ts';
import { covers } from '../istio/scope.ts';
import { isInPlace, isInjectedByEither, onSide } from '../istio/side.ts';
import { goesDown } from '../istio/state-in-place.ts';
import { sameRelease } from '../istio/version.ts';
import { capped } from './capped.ts';
import type { CheckView } from './check.ts';
import type { Finding } from '../finding.ts';

/**
 * Templates that keep the image of their proxy: whatever injects them, it stays of that version, so a restart moves it by
 * half. Beside a control plane that stays the revision alone counts, and it is told; in place the version is all there is to
 * move. An image by digest tells no version.
 */
export const pinnedImages = ({
  mesh,
  phase,
  upgrade,
}: Pick<CheckView, 'mesh' | 'phase' | 'upgrade'>): Finding[] => {
  const isBack = phase === 'rollback';
  const { version } = upgrade[isBack ? 'from' : 'to'];
  const on = onSide(upgrade, 'to');
  const moved = new Set(mesh.pods.filter((pod) => on(pod) && !pod.terminating).map(ownerKey));
  // A newer proxy is none that may stay where the istiod in its place goes back.
  const mayStay = !isBack || !isInPlace(upgrade) || goesDown(upgrade);
  const isMet = (workload: Workload): boolean => phase !== 'canary' || covers(upgrade.scope, workload);
  return capped(
    mesh.workloads.flatMap((workload) => {
      const { proxyImage: image, accepted, namespace, name } = workload;
      const kept = imageVersion(image);
      if (kept === undefined || accepted || sameRelease(kept, version)) return [];
      if (isBack ? !moved.has(nameOf(workload)) : !isInjectedByEither(workload, upgrade)) return [];
      return [
        {
          id: 'template-pins-proxy-image',
          severity: isInPlace(upgrade) && isMet(workload) ? 'error' : 'warning',
          object: nameOf(workload),
          message: `its template keeps its proxy at ${image ?? ''} (sidecar.istio.io/proxyImage), whatever injects it: its pods will not be of ${version}`,
          remedy: mayStay
            ? `Take the annotation away, if it is not meant so; or accept that it stays as it is: allow-stragglers: ${namespace}/${name}`
            : `Take the annotation away from the template of ${nameOf(workload)}.`,
        },
      ];
    }),
  );
};
