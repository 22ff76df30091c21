import type { Facts } from '../decide/facts.ts';
import type { Mesh, MeshPod } from '../istio/mesh.ts';
import type { Sides } from '../istio/side.ts';

/** Pods and what istiods say of them; the pods were looked at a moment earlier. */
type Looked = Pick<Facts, 'mesh' | 'status'>;

/**
 * Whether pods and answers contradict each other: somebody is connected who is no pod, or a pod that is ready is not
 * connected. Pods may have come and gone in between, and only one more look tells.
 */
export function isContradictory({ mesh, status }: Looked, upgrade: Sides): boolean {
  const pods = new Set(mesh.pods.map(placeOf));
  return (['from', 'to'] as const).some((side) => {
    const answer = status[side];
    if (answer?.readable !== true) return false;
    const connected = new Set(answer.proxies.map(placeOf));
    return (
      answer.proxies.some((proxy) => !pods.has(placeOf(proxy))) ||
      mesh.pods.some(
        (pod) =>
          pod.revision === upgrade[side].revision &&
          pod.ready &&
          !pod.terminating &&
          !connected.has(placeOf(pod)),
      )
    );
  });
}

/**
 * The same without the pods that have ended in between or were born: of those the one half tells nothing of the other. Who is
 * connected and is in neither look stays.
 *
 * @param later looked at after the istiods have answered
 */
export function withoutGap<T extends Looked>(seen: T, later: Pick<Mesh, 'pods'>): T {
  const stays = new Set(later.pods.filter(({ terminating }) => !terminating).map(idOf));
  const either = new Set([...seen.mesh.pods, ...later.pods].map(placeOf));
  const pods = seen.mesh.pods.filter((pod) => pod.terminating || stays.has(idOf(pod)));
  const left = new Set(pods.map(placeOf));
  const ofSide = (side: 'from' | 'to'): Facts['status'] => {
    const answer = seen.status[side];
    if (answer?.readable !== true) return answer === undefined ? {} : { [side]: answer };
    const proxies = answer.proxies.filter((proxy) => left.has(placeOf(proxy)) || !either.has(placeOf(proxy)));
    return { [side]: { ...answer, proxies } };
  };
  return { ...seen, mesh: { ...seen.mesh, pods }, status: { ...ofSide('from'), ...ofSide('to') } };
}

function placeOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** A StatefulSet's pods keep their names. */
function idOf(pod: MeshPod): string {
  return pod.uid ?? placeOf(pod);
}
