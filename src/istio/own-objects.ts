import type { PrunedObject } from '../istioctl/prune-list.ts';
import { UNREVISIONED } from './names.ts';

/** What a control plane without revision calls its own; with one, the revision stands behind it. */
const OWN_NAMES = [
  'istiod',
  'istio',
  'istio-sidecar-injector',
  'values',
  'istio-validator',
  'istio-reader-clusterrole',
  'istiod-clusterrole',
  'istiod-gateway-controller',
  'istiod-remote',
  'pilot-jwks-extra-cacerts',
];

/**
 * The objects of a list that do not belong to one control plane alone: gateways, `istio-cni-node`, `ztunnel`, the
 * default tag's webhook, Service and validator (T04, T13, T17, H23, H54), and whatever is not known. Empty is safe.
 */
export function beyondRevision(
  objects: readonly PrunedObject[],
  { revision, namespace }: { revision: string; namespace: string },
): PrunedObject[] {
  const infix = revision === UNREVISIONED ? '' : `-${revision}`;
  const own = new Set(OWN_NAMES.flatMap((name) => [`${name}${infix}`, `${name}${infix}-${namespace}`]));
  return objects.filter(({ name }) => !own.has(name));
}

/** An object as findings name it: `Deployment istio-system/istiod`. */
export function nameOfPruned({ kind, namespace, name }: PrunedObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
