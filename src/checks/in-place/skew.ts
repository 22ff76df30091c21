import type { Finding } from '../../finding.ts';
import {
  type ControlPlane,
  type Mesh,
  type MeshPod,
  WORKLOAD_KINDS,
  nameOf,
  planeOfRevision,
} from '../../istio/mesh.ts';
import { renderedWhole } from '../../istio/installed-gateway.ts';
import { ownerKey, stuckBecause } from '../../istio/moves.ts';
import { onSide } from '../../istio/side.ts';
import { goesDown, runs } from '../../istio/state-in-place.ts';
import { tryParseVersion } from '../../istio/version.ts';
import { capped } from '../capped.ts';
import { NEWER_PROXIES, type Seen } from './proxies.ts';

/** So many minor releases istiod may be ahead of a proxy. A proxy may never be ahead of it (H40). */
const BEHIND_BY = 1;

/**
 * Each proxy's own version against the istiod that serves it and the one that is to: an upgrade's two versions do not tell
 * what an earlier one, or a hand, has left behind, and a rollback leaves that as it finds it. Promote restarts them all.
 */
export const proxySkew = (view: Seen): Finding[] =>
  (view.phase === 'rollback' ? [staysNewer(view)] : [isNewer(view), getsTooOld(view)]).flatMap((found) =>
    capped(found),
  );

/** What a rollback neither restarts nor replaces, and is newer than the istiod that it puts back. */
function staysNewer(view: Seen): Finding[] {
  const restart = restartingIn(view.mesh);
  const { upgrade, asked } = view;
  const there = onSide(upgrade, 'to');
  const isBack = runs(planeOf(view), upgrade.from.version);
  const severity = isBack || asked.acknowledge.includes(NEWER_PROXIES) ? 'warning' : 'error';
  return left(view, (pod) => !there(pod) && minorsBetween(pod, upgrade.from.version) < 0).map((pod) => ({
    id: 'proxies-newer-than-control-plane',
    severity,
    object: maker(pod),
    message: `it has a proxy of ${pod.version ?? ''}, which this rollback does not restart: with istiod ${upgrade.from.version} it ${isBack ? 'is' : 'stays'} newer than its istiod, which Istio does not support and which may lose traffic`,
    remedy: isBack
      ? `${restart(pod)}: it gets the proxy of istiod ${upgrade.from.version}.`
      : `${restart(pod)} while istiod ${planeOf(view)?.version ?? ''} runs: its proxy is then one that rollback takes back. Or accept it with acknowledge: ${NEWER_PROXIES}`,
  }));
}

/** Somebody put istiod back and not the proxies. */
function isNewer(view: Seen): Finding[] {
  const restart = restartingIn(view.mesh);
  const { version = '' } = planeOf(view) ?? {};
  return left(view, (pod) => minorsBetween(pod, version) < 0).map((pod) => ({
    id: 'proxies-newer-than-control-plane',
    severity: 'warning',
    object: maker(pod),
    message: `it has a proxy of ${pod.version ?? ''}, and istiod ${version} serves it: a proxy that is newer than its istiod is not supported by Istio, and may lose traffic`,
    remedy: `${restart(pod)}: it gets the proxy of istiod ${version}.`,
  }));
}

/** Up, every proxy asks the new istiod at once, restarted or not. What istiod itself is too old for is told by the hop. */
function getsTooOld(view: Seen): Finding[] {
  const restart = restartingIn(view.mesh);
  const { upgrade } = view;
  if (goesDown(upgrade)) return [];
  const { version = '' } = planeOf(view) ?? {};
  return left(
    view,
    (pod) => minorsBetween(pod, upgrade.to.version) > BEHIND_BY && minorsBetween(pod, version) > 0,
  ).map((pod) => ({
    id: 'proxies-too-old-for-control-plane',
    severity: 'warning',
    object: maker(pod),
    message: `it has a proxy of ${pod.version ?? ''}: istiod ${upgrade.to.version} is more than one minor release ahead of it, which Istio does not support, and in place serves it at once`,
    remedy: `${restart(pod)}${runs(planeOf(view), upgrade.to.version) ? '' : ' before canary'}: it gets the proxy of istiod ${version}.`,
  }));
}

function planeOf({ mesh, upgrade }: Seen): ControlPlane | undefined {
  return planeOfRevision(mesh, upgrade.to.revision);
}

/** One pod of each owner: gateways that istioctl renders whole are replaced with the control plane. */
function left({ mesh, upgrade }: Seen, isSkewed: (pod: MeshPod) => boolean): MeshPod[] {
  const gateways = new Set(renderedWhole(mesh).map(nameOf));
  const found = mesh.pods.filter(
    (pod) =>
      pod.revision === upgrade.to.revision &&
      !pod.terminating &&
      !gateways.has(ownerKey(pod)) &&
      isSkewed(pod),
  );
  return [...new Map(found.map((pod) => [maker(pod), pod])).values()];
}

/** How many minor releases istiod is ahead of a proxy; none where nobody can tell, or where the major release differs. */
function minorsBetween({ version }: MeshPod, istiod: string): number {
  const [proxy, is] = [tryParseVersion(version ?? ''), tryParseVersion(istiod)];
  return proxy === undefined || is?.major !== proxy.major ? 0 : is.minor - proxy.minor;
}

/** Its owner; a pod of nobody's is told as itself. */
function maker(pod: MeshPod): string {
  return pod.owner === undefined ? nameOf({ ...pod, kind: 'Pod' }) : ownerKey(pod);
}

/** What gives a pod the proxy of its istiod. A restart replaces none where the rollout is held. */
function restartingIn({ workloads }: Mesh): (pod: MeshPod) => string {
  const known = new Map(workloads.map((workload) => [nameOf(workload), workload]));
  return (pod) => {
    const { namespace, name, owner, keepsImage } = pod;
    const first = keepsImage === true ? 'Take the annotation sidecar.istio.io/proxyImage off it first. ' : '';
    const workload = known.get(ownerKey(pod));
    const held = workload === undefined ? undefined : stuckBecause(workload);
    if (held !== undefined)
      return `${first}A restart does not replace all its pods (${held}). Delete each that is of another version (kubectl delete pod ${name} -n ${namespace})`;
    return owner !== undefined && WORKLOAD_KINDS.some((kind) => kind === owner.kind)
      ? `${first}Restart it (kubectl rollout restart ${owner.kind.toLowerCase()} ${owner.name} -n ${namespace})`
      : `${first}Have pod ${namespace}/${name} made anew`;
  };
}
