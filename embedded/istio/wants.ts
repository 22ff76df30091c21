import { selects } from '../api/selector.ts';
import type { LabelSelector, Pod } from '../objects.ts';

const INJECT = 'sidecar.istio.io/inject';
/** Namespaces whose pods istiod never injects, whatever they say. */
const IGNORED = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];
/** What counts as yes, in any case; any other word is a no. */
const YES = ['y', 'yes', 'true', 'on'];

/** What an installation says of pods that say nothing themselves. */
export interface Policy {
  readonly autoInject: boolean;
  readonly never: readonly LabelSelector[];
  readonly always: readonly LabelSelector[];
}

/**
 * Whether istiod injects a pod that it is asked to inject, by Istio's `injectRequired`: the host's network and system
 * namespaces never; then the pod's label before its annotation; then `neverInjectSelector`, `alwaysInjectSelector`, and
 * the policy (case M27).
 */
export function wantsProxy({ metadata, spec }: Pod, { autoInject, never, always }: Policy): boolean {
  if (spec.hostNetwork === true || IGNORED.includes(metadata.namespace ?? '')) return false;
  const { labels = {}, annotations = {} } = metadata;
  const word = labels[INJECT] ?? annotations[INJECT] ?? '';
  if (word !== '') return YES.includes(word.toLowerCase());
  const among = (selectors: readonly LabelSelector[]): boolean =>
    selectors.some((selector) => !isEmpty(selector) && selects(selector, labels));
  if (among(never)) return false;
  return among(always) || autoInject;
}

/** A selector of nothing selects nothing here, other than elsewhere in Kubernetes. */
function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
