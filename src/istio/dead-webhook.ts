import type { Service, WebhookConfiguration } from '../cluster/objects.ts';

/** A webhook configuration of this mesh that asks a Service which is not there. */
export interface DeadWebhook {
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  readonly name: string;
  /** Name of the Service, in the Istio namespace. */
  readonly service: string;
  /** Whether what it selects is refused; otherwise it passes, uninjected or not validated. */
  readonly refuses: boolean;
}

/** What is looked through. */
interface Objects {
  readonly istioNamespace: string;
  readonly systemServices: readonly Service[];
  readonly mutating: readonly WebhookConfiguration[];
  readonly validating: readonly WebhookConfiguration[];
}

/** Istio's alone: others, too, may have their webhooks' Services in its namespace. */
const ISTIOD = /^istiod(-|$)/;

/** Webhooks that an uninstall left behind, or whose Service was deleted (H03, H10). */
export function deadWebhooksOf(objects: Objects): DeadWebhook[] {
  const there = new Set(objects.systemServices.map(({ metadata }) => metadata.name));
  const dead =
    (kind: DeadWebhook['kind']) =>
    ({ metadata, webhooks = [] }: WebhookConfiguration): DeadWebhook[] => {
      const lost = webhooks.filter(({ clientConfig: { service } }) => {
        if (service?.namespace !== objects.istioNamespace) return false;
        return ISTIOD.test(service.name) && !there.has(service.name);
      });
      const [service] = lost.flatMap(({ clientConfig }) => clientConfig.service?.name ?? []);
      if (service === undefined) return [];
      // The API server's own default is to refuse.
      const refuses = lost.some(({ failurePolicy }) => failurePolicy !== 'Ignore');
      return [{ kind, name: metadata.name, service, refuses }];
    };
  return [
    ...objects.mutating.flatMap(dead('MutatingWebhookConfiguration')),
    ...objects.validating.flatMap(dead('ValidatingWebhookConfiguration')),
  ];
}
