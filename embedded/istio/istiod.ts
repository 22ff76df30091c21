import type { Store } from '../api/store.ts';
import { isReady } from '../controllers/pod-status.ts';
import { KINDS } from '../kinds.ts';
import type { LabelSelector, Pod } from '../objects.ts';
import { splitImage } from './images.ts';
import type { Policy } from './wants.ts';

/** A ready istiod, as its pod and its own configuration tell. */
export interface Istiod {
  readonly pod: string;
  readonly uid: string;
  readonly namespace: string;
  readonly revision: string;
  readonly version: string;
}

/** What istiod injects with: from the ConfigMap of its revision. */
export interface InjectorConfig {
  /** The image of the proxy: a name with a slash is the whole of it, as Istio's injector has it. */
  readonly proxy: string;
  /** The same of the init container. */
  readonly init: string;
  /** Of who signs certificates, where that is not istiod. */
  readonly caAddress: string | undefined;
  readonly policy: Policy;
  /** Names of its templates. */
  readonly templates: readonly string[];
}

/** The values that the ConfigMap holds, as far as they are looked at. */
interface Values {
  readonly global: {
    readonly hub: string;
    readonly tag: string;
    readonly caAddress?: string;
    readonly proxy?: { readonly autoInject?: string; readonly image?: string };
    readonly proxy_init?: { readonly image?: string };
  };
  readonly sidecarInjectorWebhook?: {
    readonly neverInjectSelector?: readonly LabelSelector[];
    readonly alwaysInjectSelector?: readonly LabelSelector[];
  };
}

/** `-1-31-0`, or nothing for the control plane without a revision. */
export function suffixOf(revision: string): string {
  return revision === 'default' ? '' : `-${revision}`;
}

export function isIstiod({ metadata }: Pod): boolean {
  return metadata.labels?.app === 'istiod';
}

export function istiodOf({ metadata, spec }: Pod): Istiod {
  const image = spec.containers.find(({ name }) => name === 'discovery')?.image ?? '';
  return {
    pod: metadata.name,
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    revision: metadata.labels?.['istio.io/rev'] ?? 'default',
    // An image that is pinned by digest does not tell: what is in it is said beside it.
    version: metadata.annotations?.['embedded/release'] ?? splitImage(image).version,
  };
}

/** The istiods behind a Service, or why there are none, in the API server's words. */
export function behind(
  store: Store,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): readonly Istiod[] | string {
  const service = store.get(KINDS.Service, namespace, name);
  if (service === undefined) return `service "${name}" not found`;
  const selector = Object.entries(service.spec.selector ?? {});
  const pods = store
    .list<Pod>(KINDS.Pod, namespace)
    .filter(isIstiod)
    .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
    .filter(isReady);
  return pods.length === 0 ? `no endpoints available for service "${name}"` : pods.map(istiodOf);
}

/** @throws Error where the ConfigMap is missing: then istiod itself could not inject */
export function injectorConfig(store: Store, { namespace, revision }: Istiod): InjectorConfig {
  const name = `istio-sidecar-injector${suffixOf(revision)}`;
  const { values, config = '{}' } = store.get(KINDS.ConfigMap, namespace, name)?.data ?? {};
  if (values === undefined) throw new Error(`ConfigMap ${name} has no values`);
  const { global, sidecarInjectorWebhook = {} } = JSON.parse(values) as Values;
  const { neverInjectSelector: never = [], alwaysInjectSelector: always = [] } = sidecarInjectorWebhook;
  const autoInject = (global.proxy?.autoInject ?? 'enabled') === 'enabled';
  const whole = (image = 'proxyv2'): string =>
    image.includes('/') ? image : `${global.hub}/${image}:${global.tag}`;
  return {
    proxy: whole(global.proxy?.image),
    init: whole(global.proxy_init?.image),
    caAddress: global.caAddress,
    policy: { autoInject, never, always },
    templates: Object.keys((JSON.parse(config) as { templates?: object }).templates ?? {}),
  };
}
