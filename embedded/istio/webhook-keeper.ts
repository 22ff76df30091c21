import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../api/store.ts';
import { KINDS, type Kind } from '../kinds.ts';
import type { WebhookConfiguration } from '../objects.ts';
import type { Istiod } from './istiod.ts';

/**
 * What a ready istiod does to the webhooks of its revision, tags among them: it writes its certificate into them, and
 * makes its validators refuse when nobody answers, which they do not until then.
 */
export function keepWebhooks(store: Store, { revision, namespace }: Istiod, caBundle: string): void {
  const keep = (kind: Kind<WebhookConfiguration>, failurePolicy: object): void => {
    for (const configuration of store.list(kind)) {
      const { name, labels } = configuration.metadata;
      // Until 1.10 all istiods share one validator, and each of them keeps it.
      if ((labels?.['istio.io/rev'] ?? 'default') !== revision && name !== `istiod-${namespace}`) continue;
      const webhooks = (configuration.webhooks ?? []).map((webhook) => ({
        ...webhook,
        ...failurePolicy,
        clientConfig: { ...webhook.clientConfig, caBundle },
      }));
      if (isDeepStrictEqual(webhooks, configuration.webhooks)) continue;
      const generation = (configuration.metadata.generation ?? 0) + 1;
      store.put(kind, { ...configuration, metadata: { ...configuration.metadata, generation }, webhooks });
    }
  };
  keep(KINDS.MutatingWebhookConfiguration, {});
  keep(KINDS.ValidatingWebhookConfiguration, { failurePolicy: 'Fail' });
}
