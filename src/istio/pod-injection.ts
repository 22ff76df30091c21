import type { Container, Metadata } from '../cluster/objects.ts';
import { injectedBy } from './injection.ts';
import type { Frame } from './mesh.ts';
import { LABEL_REVISION } from './names.ts';
import { serviceOf } from './service-host.ts';

/**
 * The revisions of this mesh that inject a pod of a namespace, by the webhooks' selectors and by the annotation that the
 * injector itself reads beside them. Whether it then declines for a reason of its own, only asking it tells (M27).
 */
export function podInjectedBy(
  frame: Pick<Frame, 'namespaces' | 'injectors'>,
  { namespace = '', labels = {}, annotations }: Pick<Metadata, 'namespace' | 'labels' | 'annotations'>,
): readonly string[] {
  if (labels[INJECT] === undefined && annotations?.[INJECT] !== undefined && isNo(annotations[INJECT]))
    return [];
  const home = frame.namespaces.find(({ name }) => name === namespace);
  return home === undefined ? [] : injectedBy(frame.injectors, home.labels, labels);
}

/** The revision or tag that a pod chooses by itself; undefined where its namespace chooses, whose label wins (H16). */
export function pinnedRevision(
  { namespaces }: Pick<Frame, 'namespaces'>,
  { namespace = '', labels }: Pick<Metadata, 'namespace' | 'labels'>,
): string | undefined {
  const pinned = labels?.[LABEL_REVISION];
  // Of many pods few say so: only for them their namespace is looked up.
  if (pinned === undefined) return undefined;
  return namespaces.find(({ name }) => name === namespace)?.choice === 'none' ? pinned : undefined;
}

/** On a pod: the label wins over the annotation of the same name (Istio's pkg/kube/inject `injectRequired`). */
const INJECT = 'sidecar.istio.io/inject';

/** What Istio reads as "no": YAML's words for false. */
function isNo(value: string): boolean {
  return ['false', 'n', 'no', 'off'].includes(value.toLowerCase());
}

/**
 * Namespace of the istiod that a proxy container is told to ask; undefined where it does not say, or names no Service of
 * the cluster. It tells one mesh's proxies from another's, whose revision may have the same name.
 */
export function discoveryNamespace(proxy: Container): string | undefined {
  return discoveryService(proxy)?.namespace;
}

/**
 * The Service of the istiod that a proxy container is told to ask, as {@link discoveryNamespace}. An injector leaves out of
 * `PROXY_CONFIG` what is Istio's default (pkg/kube/inject `cleanProxyConfig`, pkg/config/mesh `DefaultProxyConfig`).
 * `CA_ADDR` names who signs certificates: an istiod, if nobody has a CA of their own (`values.global.caAddress`).
 */
export function discoveryService(
  proxy: Container,
): { readonly name: string; readonly namespace: string } | undefined {
  const { told, signer } = addressesOf(proxy);
  if (told !== undefined) return serviceAt(told);
  const signing = serviceAt(signer ?? '');
  return signing !== undefined && ISTIOD.test(signing.name) ? signing : undefined;
}

/**
 * Names of the Services of istiods in the Istio namespace that a proxy container asks: for its configuration, and for its
 * certificates (`CA_ADDR`), which may be another one's.
 *
 * @param namespace of its pod
 */
export function istiodsAsked(proxy: Container, namespace: string, istioNamespace: string): string[] {
  const { told, signer } = addressesOf(proxy);
  const names = [told, signer].flatMap((address) => {
    const [name = '', home] = serviceOf((address ?? '').replace(/:\d+$/, ''), namespace)?.split('.') ?? [];
    return home === istioNamespace && ISTIOD.test(name) ? name : [];
  });
  return [...new Set(names)];
}

/** Of variables with one name Kubernetes gives a container the last: the injector writes `proxyMetadata` behind its own. */
function addressesOf({ env = [], args = [] }: Container): {
  readonly told: string | undefined;
  readonly signer: string | undefined;
} {
  const value = (name: string): string | undefined => env.findLast((item) => item.name === name)?.value;
  const at = args.indexOf('--discoveryAddress');
  const told = (at < 0 ? undefined : args[at + 1]) ?? addressIn(value('PROXY_CONFIG'));
  return { told, signer: value('CA_ADDR') };
}

/** Where a proxy finds its istiod that is told of no other place. */
const DEFAULT_ADDRESS = 'istiod.istio-system.svc:15012';

/** Names of the Services of istiods: with a revision or without. */
const ISTIOD = /^istiod($|-)/;

function serviceAt(address: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = /^([^.:]+)\.([^.:]+)\.svc\b/.exec(address) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** Undefined where there is no configuration, or none that can be read. */
function addressIn(config: string | undefined): string | undefined {
  if (config === undefined) return undefined;
  try {
    const { discoveryAddress = DEFAULT_ADDRESS } = JSON.parse(config) as { discoveryAddress?: unknown };
    return typeof discoveryAddress === 'string' ? discoveryAddress : undefined;
  } catch {
    return undefined;
  }
}
