import type { Finding } from '../finding.ts';
import type { Release } from '../record/record.ts';
import { type MeshPod, WORKLOAD_KINDS } from './mesh.ts';

/** What a pod is not as it should be. */
export interface Problem {
  readonly text: string;
  readonly id: 'proxy-behind' | 'pod-not-ready' | 'pod-without-sidecar';
  /** It was so before, or nothing that this Action does could have caused or could mend it. */
  readonly before: boolean;
  /** Only its image is another one, which its annotation keeps: it shows that its istiod works. */
  readonly isServed?: true;
  /** How it comes about by itself where all was well before: while a pod starts, or until it has acknowledged a push. */
  readonly passes?: 'with-start' | 'with-push';
}

/** Says what is wrong with a pod, and whether it was so before. */
export function proxyFinding(
  pod: MeshPod,
  { text, id, before, isServed }: Problem,
  release: Release,
): Finding {
  if (isServed === true) {
    return {
      id,
      severity: 'warning',
      object: `Pod ${pod.namespace}/${pod.name}`,
      message: `${text}; it is connected to ${release.revision} and in sync`,
      remedy: `Nothing, if that image is meant. Else take the annotation off its template: its pods are made anew, of ${release.version}.`,
    };
  }
  const restartable = WORKLOAD_KINDS.some((kind) => kind === pod.owner?.kind);
  return {
    id,
    severity: before ? 'warning' : 'error',
    object: `Pod ${pod.namespace}/${pod.name}`,
    message: before ? `${text}; it was so before` : text,
    remedy: restartable
      ? `It should be on ${release.revision} ${release.version}. Look at the pod and its istio-proxy, then run the phase again.`
      : `Nothing that this Action may restart owns it (${pod.owner?.kind ?? 'no owner'}): replace it by hand, then run the phase again, or accept it: allow-stragglers: ${pod.namespace}/${pod.name}`,
  };
}

/** Says it of a canary: it shows that the control plane serves, and nothing of the proxy that the rest of the mesh gets. */
export function keptAlone(kept: number, release: Release): Finding {
  return {
    id: 'template-pins-proxy-image',
    severity: 'warning',
    message: `no proxy of ${release.version} was seen: all ${String(kept)} that are connected to ${release.revision} keep an image of their own (sidecar.istio.io/proxyImage)`,
    remedy: `Run canary with a namespace, too, whose workloads get the proxy that istiod injects, before promote gives ${release.version} to the rest.`,
  };
}
