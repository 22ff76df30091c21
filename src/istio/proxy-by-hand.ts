import type { Container, KubernetesObject, PodTemplate } from '../cluster/objects.ts';
import type { Frame } from './mesh.ts';
import { discoveryService, podInjectedBy } from './pod-injection.ts';
import { proxyContainer } from './proxy.ts';
import { textsOf } from './text.ts';

/**
 * A template with a proxy that no injector gives it: somebody wrote it there (`istioctl kube-inject`, a gateway by hand). No
 * restart moves it, and scaled to zero it shows no pod and no connection by which it could be known (M08).
 */
export interface ProxyByHand {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the istiod that it asks, in the Istio namespace. */
  readonly service: string;
}

/** @returns undefined for a template without a proxy, for one that is injected, and for one of another mesh */
export function proxyByHandOf(
  kind: string,
  { metadata }: KubernetesObject,
  template: Partial<PodTemplate>,
  frame: Frame,
): ProxyByHand | undefined {
  const proxy = proxyContainer({
    containers: containersOf(template.spec?.containers),
    initContainers: containersOf(template.spec?.initContainers),
  });
  const service = proxy === undefined ? undefined : discoveryService(proxy);
  if (service?.namespace !== frame.istioNamespace) return undefined;
  const { namespace = '', name } = metadata;
  const labels = textsOf(template.metadata?.labels);
  const annotations = textsOf(template.metadata?.annotations);
  if (podInjectedBy(frame, { labels, annotations, namespace }).length > 0) return undefined;
  return { kind, namespace, name, service: service.name };
}

/** Of a Rollout whoever may write one has the say of what is in it (issue 12): only what is of its type is read. */
function containersOf(list: unknown): Container[] {
  return objectsOf(list).map((item) => ({
    name: String(item.name),
    args: (Array.isArray(item.args) ? item.args : []).filter((arg) => typeof arg === 'string'),
    env: objectsOf(item.env).map(({ name, value }) => ({
      name: String(name),
      ...(typeof value === 'string' ? { value } : {}),
    })),
  }));
}

function objectsOf(list: unknown): Readonly<Record<string, unknown>>[] {
  return (Array.isArray(list) ? (list as unknown[]) : []).filter(
    (item): item is Record<string, unknown> => typeof item === 'object' && item !== null,
  );
}
