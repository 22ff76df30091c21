import type {
  GatewayObject,
  KubernetesObject,
  Namespace,
  Service,
  WebhookConfiguration,
  WorkloadObject,
} from '../cluster/objects.ts';
import { apiGatewayOf, isMadeByIstiod, nameOfGateway } from './api-gateway.ts';
import { isControlPlane, planeOf } from './control-plane.ts';
import { contentOf } from './content.ts';
import { deadWebhooksOf } from './dead-webhook.ts';
import { hasNoRevisions } from './unrecorded.ts';
import { injectedBy, injectorsOf } from './injection.ts';
import { keptTagOf } from './kept-tags.ts';
import type { Frame, LoneTagService, OwnedKind, OwnedObject, Tag } from './mesh.ts';
import { namespaceOf } from './namespace.ts';
import {
  DEFAULT_TAG,
  DEFAULT_VALIDATOR,
  LABEL_INJECTION,
  LABEL_REVISION,
  LABEL_TAG,
  LABEL_VERSION,
  UNREVISIONED,
} from './names.ts';
import { unmovedKindOf } from './unmoved-gateway.ts';

/** The raw lists that a {@link Frame} is made of. */
export interface FrameObjects {
  readonly istioNamespace: string;
  readonly systemDeployments: readonly WorkloadObject[];
  readonly systemServices: readonly Service[];
  readonly mutating: readonly WebhookConfiguration[];
  readonly validating: readonly WebhookConfiguration[];
  readonly namespaces: readonly Namespace[];
  readonly gateways: readonly GatewayObject[];
  /** By kind; empty where nobody asks what is left of an installation. */
  readonly owned: readonly (readonly [OwnedKind, readonly KubernetesObject[]])[];
}

/** Control planes, tags, webhooks and namespaces, from the raw objects. */
export function frameOf(objects: FrameObjects): Frame {
  const { istioNamespace } = objects;
  const all = injectorsOf(objects.mutating);
  const injectors = all.filter((injector) => injector.istioNamespace === istioNamespace);
  const foreignInjectors = all.filter((injector) => injector.istioNamespace !== istioNamespace);
  const others = foreignInjectors.flatMap((injector) => injector.istioNamespace ?? []);
  const own = new Set(injectors.map(({ configuration }) => configuration));
  // There is but one in a cluster: it may be that of another mesh.
  const validator = objects.validating.find(
    (item) => item.metadata.name === DEFAULT_VALIDATOR && !isForeign(item, istioNamespace, []),
  );
  const claiming = {
    planes: objects.systemDeployments.filter(isControlPlane).map((item) => planeOf(item, objects)),
    tags: objects.mutating
      .filter(({ metadata }) => own.has(metadata.name))
      .flatMap((webhook) => tagOf(webhook, objects.systemServices)),
    defaultValidator: validator?.metadata.labels?.[LABEL_REVISION],
    namespaces: objects.namespaces.map((namespace) => namespaceOf(namespace, injectors, foreignInjectors)),
  };
  const unmoved = Object.fromEntries(
    objects.gateways
      .filter((item) => item.spec.gatewayClassName.startsWith('istio') && !isMadeByIstiod(item))
      .map((item) => {
        const { namespace = '', name } = item.metadata;
        return [nameOfGateway({ namespace, name }), unmovedKindOf(item)];
      }),
  );
  return {
    istioNamespace,
    ...claiming,
    loneTagServices: loneServices(objects.systemServices, claiming.tags),
    keptTags: [
      ...objects.mutating
        .filter(({ metadata }) => own.has(metadata.name))
        .flatMap((item) => keptTagOf('MutatingWebhookConfiguration', item)),
      ...objects.systemServices.flatMap((item) => keptTagOf('Service', item)),
      ...(validator === undefined ? [] : keptTagOf('ValidatingWebhookConfiguration', validator, DEFAULT_TAG)),
    ],
    injectors,
    foreignInjectors,
    defaultInjector: injectedBy(injectors, { [LABEL_INJECTION]: 'enabled' }),
    defaultService: serviceOf(DEFAULT_TAG, objects.systemServices),
    defaultInstalledAs: [
      ...objects.mutating.filter(({ metadata }) => own.has(metadata.name)),
      ...objects.systemServices,
    ]
      .filter(({ metadata }) => metadata.labels?.[LABEL_TAG] === DEFAULT_TAG)
      .concat(validator ?? [])
      .flatMap(({ metadata }) => metadata.labels?.[LABEL_VERSION] ?? []),
    mutators: objects.mutating.flatMap(({ metadata, webhooks = [] }) => {
      const asked = webhooks.flatMap(({ clientConfig: { service } }) =>
        service?.namespace === istioNamespace ? service.name : [],
      );
      return [...new Set(asked)].map((service) => ({ configuration: metadata.name, service }));
    }),
    deadWebhooks: deadWebhooksOf(objects),
    gateways: Object.keys(unmoved),
    unmoved,
    apiGateways: objects.gateways.filter(isMadeByIstiod).map((item) => apiGatewayOf(item, claiming)),
    owned: objects.owned.flatMap(([kind, items]) =>
      items.flatMap((item) => ownedOf(kind, item, { istioNamespace, others })),
    ),
  };
}

/**
 * An object that istioctl installed for one revision of this mesh. What belongs to the whole cluster says in its name
 * whose it is: another mesh may have a revision of the same name.
 */
function ownedOf(
  kind: OwnedKind,
  item: KubernetesObject,
  { istioNamespace, others }: { readonly istioNamespace: string; readonly others: readonly string[] },
): OwnedObject[] {
  const { labels = {}, name, namespace, uid, deletionTimestamp } = item.metadata;
  const installedAs = labels[LABEL_VERSION];
  const revision = labels[LABEL_REVISION] ?? (hasNoRevisions(installedAs) ? UNREVISIONED : undefined);
  if (revision === undefined || labels[LABEL_TAG] !== undefined || isForeign(item, istioNamespace, others))
    return [];
  return [
    {
      kind,
      namespace,
      name,
      uid,
      revision,
      terminating: deletionTimestamp !== undefined,
      ...(installedAs === undefined ? {} : { installedAs }),
      content: contentOf({ ...item, kind }),
    },
  ];
}

/** An object of the whole cluster that is another mesh's: its webhooks, or its subjects, are in another namespace. */
function isForeign(item: KubernetesObject, istioNamespace: string, others: readonly string[]): boolean {
  const {
    metadata,
    webhooks = [],
    subjects = [],
  } = item as KubernetesObject & {
    readonly webhooks?: WebhookConfiguration['webhooks'];
    readonly subjects?: readonly { readonly namespace?: string }[];
  };
  if (metadata.namespace !== undefined) return false;
  const places = [
    ...webhooks.map(({ clientConfig }) => clientConfig.service?.namespace),
    ...subjects.map(({ namespace }) => namespace),
  ].filter((place) => place !== undefined);
  if (places.length > 0) return !places.includes(istioNamespace);
  // A ClusterRole has neither: its name ends with the namespace of its istiod.
  return others.some((place) => metadata.name.endsWith(`-${place}`));
}

function tagOf({ metadata }: WebhookConfiguration, services: readonly Service[]): Tag[] {
  const tag = metadata.labels?.[LABEL_TAG];
  const revision = metadata.labels?.[LABEL_REVISION];
  return tag === undefined || revision === undefined
    ? []
    : [{ tag, revision, webhook: metadata.name, service: serviceOf(tag, services) }];
}

function loneServices(services: readonly Service[], tags: readonly Tag[]): LoneTagService[] {
  return services.flatMap(({ metadata: { labels = {} } }) => {
    const { [LABEL_TAG]: tag, [LABEL_REVISION]: revision } = labels;
    const isLone = tag !== undefined && tag !== DEFAULT_TAG && !tags.some((one) => one.tag === tag);
    return isLone && revision !== undefined ? [{ tag, revision }] : [];
  });
}

/** The revision that a tag's Service leads to. */
function serviceOf(tag: string, services: readonly Service[]): string | undefined {
  return services.find(({ metadata }) => metadata.labels?.[LABEL_TAG] === tag)?.metadata.labels?.[
    LABEL_REVISION
  ];
}
