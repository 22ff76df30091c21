import type { Mesh } from '../istio/mesh.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import type { Context } from './context.ts';

/**
 * Gives the Services of a revision that is about to go to the one that stays, where a validator asks them that stays, too:
 * until 1.10 the only one asks `istiod`, whoever that is, and would refuse every change of Istio's objects once nobody
 * answers (Istio's issue 28880; the documents of 1.8 to 1.10 have such a Service made by hand). Comes after the point of
 * no return was recorded, as nobody can go back through that Service then.
 *
 * @param revision goes
 * @param heir stays
 * @returns names of the Services
 */
export async function handOverServices(
  { cluster }: Pick<Context, 'cluster'>,
  { owned, istioNamespace }: Pick<Mesh, 'owned' | 'istioNamespace'>,
  revision: string,
  heir: string,
): Promise<string[]> {
  const going = owned.filter((item) => item.revision === revision);
  const has = (kind: string, name: string): boolean =>
    going.some((item) => item.kind === kind && item.name === name);
  const asked = new Set<string>();
  for await (const { metadata, webhooks = [] } of cluster.list('ValidatingWebhookConfiguration')) {
    if (has('ValidatingWebhookConfiguration', metadata.name)) continue;
    for (const { clientConfig } of webhooks) {
      const { name = '', namespace } = clientConfig.service ?? {};
      if (namespace === istioNamespace && has('Service', name)) asked.add(name);
    }
  }
  for (const name of asked) {
    await cluster.edit('Service', name, istioNamespace, ({ metadata, spec }) =>
      metadata.labels?.[LABEL_REVISION] === heir
        ? undefined
        : {
            metadata: { labels: { [LABEL_REVISION]: heir } },
            spec: { selector: { ...emptied(spec.selector), app: 'istiod', [LABEL_REVISION]: heir } },
          },
    );
  }
  return [...asked];
}

/** In a merge patch, what is null goes. */
function emptied(selector: Readonly<Record<string, string>> = {}): Record<string, null> {
  return Object.fromEntries(Object.keys(selector).map((key) => [key, null]));
}
