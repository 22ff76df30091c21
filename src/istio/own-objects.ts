import { UNREVISIONED } from './names.ts';

/** What names an object; no namespace for one of the whole cluster. */
export interface NamedObject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Not with the namespace behind it: `istiod-istio-system` is the base's until 1.10, which all control planes share. */
const ISTIOD = 'istiod';

/** What a control plane without revision calls its own; with one, the revision stands behind it. */
const OWN_NAMES = [
  'istio',
  'istio-sidecar-injector',
  'values',
  'istio-validator',
  'istio-reader-clusterrole',
  'istiod-clusterrole',
  'istiod-gateway-controller',
  'istiod-remote',
  'pilot-jwks-extra-cacerts',
  // What 1.12 to 1.20 keep of the configuration, and uninstall with it.
  'installed-state',
];

/** The filters of telemetry, which 1.6 to 1.17 have for each minor release of the proxies: `tcp-stats-filter-1.13-canary`. */
const FILTER = /^(?:tcp-)?(?:stats-filter|metadata-exchange)-1\.\d+(?<infix>.*)$/;

/**
 * The objects of a list that do not belong to one control plane alone: gateways, `istio-cni-node`, `ztunnel`, the
 * default tag's webhook, Service and validator (T04, T13, T17, H23, H54), and whatever is not known. Empty is safe.
 *
 * @param owned what the cluster says is that revision's own, by its label: names that are not known here count then (M31)
 */
export function beyondRevision<T extends NamedObject>(
  objects: readonly T[],
  { revision, namespace }: { revision: string; namespace: string },
  owned: readonly NamedObject[] = [],
): T[] {
  const labelled = new Set(owned.map(nameOfObject));
  const infix = revision === UNREVISIONED ? '' : `-${revision}`;
  const own = new Set([
    `${ISTIOD}${infix}`,
    ...OWN_NAMES.flatMap((name) => [`${name}${infix}`, `${name}${infix}-${namespace}`]),
  ]);
  const isFilter = ({ kind, name }: T): boolean =>
    kind === 'EnvoyFilter' && FILTER.exec(name)?.groups?.infix === infix;
  return objects.filter(
    (object) => !own.has(object.name) && !labelled.has(nameOfObject(object)) && !isFilter(object),
  );
}

/** An object as findings name it: `Deployment istio-system/istiod`. */
export function nameOfObject({ kind, namespace, name }: NamedObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
