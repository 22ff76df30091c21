import type { Cluster } from '../cluster/cluster.ts';
import type { Refusal } from '../istio/refusal.ts';
import { refusalOf } from '../istio/refusal.ts';
import type { Workload } from '../istio/mesh.ts';
import { imageVersion, proxyContainer, revisionOfProxy } from '../istio/proxy.ts';
import { discoveryNamespace } from '../istio/pod-injection.ts';
import { podOfTemplate } from '../istio/rehearsal-pod.ts';

/** What comes of a pod of a workload's template that is born now. */
export type InjectionAnswer =
  | {
      readonly kind: 'injected';
      readonly revision: string | undefined;
      readonly version: string | undefined;
      /** Namespace of the istiod that its proxy asks, where it says. */
      readonly place: string | undefined;
    }
  /** It comes without a sidecar: no webhook selects it, or the injector leaves it alone. */
  | { readonly kind: 'bare' }
  /** Somebody says no: only where that is the injector, it says something of the injection (M26). */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'gone' };

/** Asks by a server-side dry run, which persists nothing. */
export async function injectionOf(
  cluster: Cluster,
  { kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>,
): Promise<InjectionAnswer> {
  const object = await cluster.get(kind, name, namespace);
  if (object === undefined) return { kind: 'gone' };
  const answer = await cluster.rehearse('Pod', podOfTemplate(object, kind), namespace);
  if (!answer.admitted) {
    const refusal = refusalOf({ status: answer.status, message: answer.reason });
    return refusal.by === 'terminating' ? { kind: 'gone' } : { kind: 'refused', refusal };
  }
  const proxy = proxyContainer(answer.object.spec);
  return proxy === undefined
    ? { kind: 'bare' }
    : {
        kind: 'injected',
        revision: revisionOfProxy(answer.object, proxy),
        version: imageVersion(proxy.image),
        place: discoveryNamespace(proxy),
      };
}
