import type { LabelSelector, WebhookConfiguration } from '../cluster/objects.ts';
import { LABEL_REVISION, type Labels } from './names.ts';

/** One webhook that injects sidecars, with the revision whose istiod it asks. */
export interface Injector {
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly revision: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

/**
 * The injectors among a cluster's mutating webhooks: those that call an istiod's `/inject`.
 *
 * Injection is decided by evaluating these selectors, as the API server does, and not by repeating Istio's
 * rules: so it holds for every release, for tags, and for webhooks that are missing, switched off
 * (`istio.io/deactivated`) or overlapping (H06).
 */
export function injectorsOf(configurations: readonly WebhookConfiguration[]): Injector[] {
  return configurations.flatMap((configuration) =>
    (configuration.webhooks ?? [])
      .filter((webhook) => webhook.name.endsWith('sidecar-injector.istio.io'))
      .map((webhook) => ({
        configuration: configuration.metadata.name,
        revision: configuration.metadata.labels?.[LABEL_REVISION] ?? 'default',
        namespaceSelector: webhook.namespaceSelector ?? {},
        objectSelector: webhook.objectSelector ?? {},
      })),
  );
}

/**
 * The revisions that would inject a pod born now: none means no sidecar, two mean overlapping webhooks (H06).
 */
export function injectedBy(
  injectors: readonly Injector[],
  namespaceLabels: Labels,
  podLabels: Labels = {},
): string[] {
  const revisions = injectors
    .filter(
      (injector) =>
        matches(injector.namespaceSelector, namespaceLabels) && matches(injector.objectSelector, podLabels),
    )
    .map((injector) => injector.revision);
  return [...new Set(revisions)].sort();
}

/** Whether labels satisfy a selector, by the rules of the Kubernetes API; an empty selector matches all. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  /** Labels are of the cluster: `constructor` is none unless it is there (issue 12). */
  const labelOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(key) === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labelOf(key);
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          throw new Error(`label selector with an operator that Kubernetes does not have: ${operator}`);
      }
    })
  );
}
