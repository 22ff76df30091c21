import { firstOf } from '../istio/first-of.ts';
import { LABEL_COMPONENT, LABEL_OWNING_NAMESPACE, LABEL_REVISION } from '../istio/names.ts';
import type { Context } from './context.ts';

/** Whose policies have a revision in their name, and select pods that every revision shares (Istio's charts, `networkpolicy.yaml`). */
const SHARED = ['IngressGateways', 'EgressGateways', 'Cni'];
const NAMED = 5;

/**
 * The NetworkPolicies of gateways and Istio CNI that a removed revision leaves: istioctl uninstalls none (operator/pkg/uninstall/prune.go),
 * and as they select pods that run, they may be what lets connections in. So they are named, and not taken.
 *
 * @returns words for the end of a sentence; empty where nothing is left
 */
export async function leftPolicies(
  { cluster, inputs: { istioNamespace } }: Pick<Context, 'cluster' | 'inputs'>,
  revision: string,
): Promise<string> {
  const labelSelector = `${LABEL_REVISION}=${revision},${LABEL_COMPONENT} in (${SHARED.join(', ')})`;
  const left: string[] = [];
  for await (const { metadata } of cluster.list('NetworkPolicy', { labelSelector })) {
    const { name, namespace = '', labels = {} } = metadata;
    if ((labels[LABEL_OWNING_NAMESPACE] ?? istioNamespace) === istioNamespace)
      left.push(`kubectl -n ${namespace} delete networkpolicy ${name}`);
  }
  return left.length === 0
    ? ''
    : `. It leaves NetworkPolicies that select pods of gateways or Istio CNI: they let in what they did. Where the policy of the other revision is enough, delete them: ${firstOf(left, NAMED)}`;
}
