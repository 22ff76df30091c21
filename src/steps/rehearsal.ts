import type { Cluster } from '../cluster/cluster.ts';
import type { Workload } from '../istio/mesh.ts';
import { podOfTemplate } from '../istio/rehearsal-pod.ts';
import { imageVersion, injectedRevision, proxyContainer } from '../istio/proxy.ts';

/** What the injector answers for a pod of a workload's template, born now. */
export type InjectionAnswer =
  | { readonly kind: 'injected'; readonly revision: string | undefined; readonly version: string | undefined }
  | { readonly kind: 'bare' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'gone' };

/** Asks by a server-side dry run, which persists nothing. */
export async function injectionOf(
  cluster: Cluster,
  { kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>,
): Promise<InjectionAnswer> {
  const object = await cluster.get(kind, name, namespace);
  if (object === undefined) return { kind: 'gone' };
  const answer = await cluster.rehearse('Pod', podOfTemplate(object, kind), namespace);
  if (!answer.admitted) return { kind: 'refused', reason: answer.reason };
  const proxy = proxyContainer(answer.object.spec);
  return proxy === undefined
    ? { kind: 'bare' }
    : { kind: 'injected', revision: injectedRevision(answer.object), version: imageVersion(proxy.image) };
}
