import { nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { imageVersion } from '../istio/proxy.ts';
import { covers } from '../istio/scope.ts';
import { isInjectedByEither, onSide } from '../istio/side.ts';
import { sameRelease } from '../istio/version.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * Templates that keep the image of their proxy: whatever injects them, it stays of that version, so a restart moves it by
 * half. An error where the phase would restart it; canary tells what promote will be refused for.
 */
export const pinnedImages: Check = ({ mesh, phase, upgrade }) => {
  const isBack = phase === 'rollback';
  const { version } = upgrade[isBack ? 'from' : 'to'];
  const on = onSide(upgrade, 'to');
  const moved = new Set(mesh.pods.filter((pod) => on(pod) && !pod.terminating).map(ownerKey));
  return capped(
    mesh.workloads.flatMap((workload) => {
      const { proxyImage: image, accepted, namespace, name } = workload;
      if (image === undefined || accepted || sameRelease(imageVersion(image) ?? '', version)) return [];
      if (isBack ? !moved.has(nameOf(workload)) : !isInjectedByEither(workload, upgrade)) return [];
      return [
        {
          id: 'template-pins-proxy-image',
          severity: phase === 'canary' && !covers(upgrade.scope, workload) ? 'warning' : 'error',
          object: nameOf(workload),
          message: `its template keeps its proxy at ${image} (sidecar.istio.io/proxyImage), whatever injects it: its pods would not be of ${version}`,
          remedy: `Take the annotation away, or have it name the image of ${version}; or accept that it stays as it is: allow-stragglers: ${namespace}/${name}`,
        },
      ];
    }),
  );
};
