import type { LabelSelector, WebhookConfiguration } from '../cluster/objects.ts';
import {
  DEFAULT_TAG,
  LABEL_INJECTION,
  LABEL_REVISION,
  LABEL_TAG,
  type Labels,
  UNREVISIONED,
} from './names.ts';

/** One webhook that injects sidecars, with the revision whose istiod it asks. */
export interface Injector {
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly revision: string;
  /** Namespace of the Service that it asks: whose mesh it is (M03). Undefined where it asks a URL. */
  readonly istioNamespace: string | undefined;
  /** The tag that it serves; undefined for a revision's own. */
  readonly tag: string | undefined;
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
        revision: configuration.metadata.labels?.[LABEL_REVISION] ?? UNREVISIONED,
        istioNamespace: webhook.clientConfig.service?.namespace,
        tag: configuration.metadata.labels?.[LABEL_TAG],
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

/** As {@link injectedBy}, once the default tag points to a revision. */
export function injectedByOnceDefault(
  injectors: readonly Injector[],
  revision: string,
  namespaceLabels: Labels,
): string[] {
  const others = injectors.filter((injector) => !servesDefault(injector));
  const byDefault =
    namespaceLabels[LABEL_INJECTION] === 'enabled' ||
    (namespaceLabels[LABEL_INJECTION] === undefined && namespaceLabels[LABEL_REVISION] === DEFAULT_TAG);
  return [...new Set([...injectedBy(others, namespaceLabels), ...(byDefault ? [revision] : [])])].sort();
}

/** The injectors once a rollback has taken the tags that lead to a revision back to another. */
export function tagsLedBack(injectors: readonly Injector[], target: string, back: string): Injector[] {
  return injectors.map((injector) =>
    injector.tag !== undefined && injector.revision === target ? { ...injector, revision: back } : injector,
  );
}

/** Whether an injector takes what follows the default: the default tag's, or one without a revision. */
export function servesDefault({ tag, namespaceSelector }: Injector): boolean {
  return tag === DEFAULT_TAG || matches(namespaceSelector, { [LABEL_INJECTION]: 'enabled' });
}

/** Whether labels satisfy a selector, by the rules of the Kubernetes API; an empty selector matches all. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => valueOf(labels, key) === value,
  );
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = valueOf(labels, key);
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

/** Labels come from a cluster: one may be called `constructor`. */
function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
