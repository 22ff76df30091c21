import { suffixOf } from './revision.ts';

/** What tells whose a rendered object is. */
interface Called {
  readonly kind: string;
  readonly name: string;
  /** Label `istio.io/rev`. */
  readonly revision: string | undefined;
}

/**
 * An object's name as it is for all revisions. Gateways and Istio CNI share theirs, but for the NetworkPolicy of each
 * (`values.global.networkPolicy.enabled`), which has the revision behind it: `istio-ingressgateway-1-31-0` (Istio's charts,
 * `networkpolicy.yaml`; istioctl 1.30.3 and 1.31.0 render it so).
 */
export function sharedName({ kind, name, revision }: Called): string {
  const suffix = kind === 'NetworkPolicy' && revision !== undefined ? suffixOf(revision) : '';
  return name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name;
}
