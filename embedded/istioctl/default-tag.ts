import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { istiodService } from './istiod.ts';
import { NOT_PRUNED, installedLabels } from './labels.ts';
import { hasTagService, takesDefault } from './releases.ts';
import { type Home, clusterWideName, injectors, validator } from './webhooks.ts';

type Labels = Readonly<Record<string, string>>;

const WEBHOOKS = 'admissionregistration.k8s.io/v1';

/** The labels of a tag's three objects. */
export interface TagLabels {
  readonly webhook: Labels;
  readonly service: Labels;
  readonly validator: Labels;
}

/** What a tag is made of: a webhook and, from 1.28 on, a Service; the default one has a validator, too. */
export function tagObjects(
  home: Home,
  tag: string,
  labels: TagLabels,
  { everywhere, version }: { readonly everywhere: boolean; readonly version: string },
): Item[] {
  const own = { 'istio.io/rev': home.revision === '' ? 'default' : home.revision, 'istio.io/tag': tag };
  const isDefault = tag === 'default';
  const selector = { app: 'istiod', 'istio.io/rev': own['istio.io/rev'] };
  return [
    {
      apiVersion: WEBHOOKS,
      kind: 'MutatingWebhookConfiguration',
      metadata: {
        name: clusterWideName(`istio-revision-tag-${tag}`, home),
        labels: { ...labels.webhook, ...own },
      },
      webhooks: injectors(home, tag, isDefault, everywhere),
    },
    ...(hasTagService(version)
      ? [istiodService(home, `istiod-revision-tag-${tag}`, { ...labels.service, ...own }, selector)]
      : []),
    ...(isDefault && takesDefault(version) !== 'never'
      ? [
          {
            apiVersion: WEBHOOKS,
            kind: 'ValidatingWebhookConfiguration',
            metadata: { name: 'istiod-default-validator', labels: { ...labels.validator, ...own } },
            webhooks: [validator(home, 'default')],
          },
        ]
      : []),
  ];
}

/** The default tag as `install` makes it: with the labels by which istioctl knows its own. */
export function installedDefaultTag(config: Config, version: string): Item[] {
  const labels = (app: string, istio?: string): Labels => ({
    ...installedLabels(config, version, {
      app,
      name: 'istiod',
      chart: 'istiod',
      component: 'Pilot',
      owned: true,
      ...(istio === undefined ? {} : { istio }),
    }),
    ...NOT_PRUNED,
  });
  return tagObjects(
    config,
    'default',
    {
      webhook: labels('sidecar-injector'),
      service: labels('istiod', 'pilot'),
      validator: labels('istiod', 'istiod'),
    },
    { everywhere: config.everyNamespace, version },
  );
}
