import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../api/refusal.ts';
import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import { KINDS, type Kind, definedBy } from '../kinds.ts';
import type { Draft, KubeObject, Labels, Workload } from '../objects.ts';
import { router } from './inject.ts';
import { type Istiod, injectorConfig } from './istiod.ts';

const REVISION = 'istio.io/rev';
const TAG = 'istio.io/tag';
const NAME = 'gateway.networking.k8s.io/gateway-name';
const API_VERSION = 'gateway.networking.k8s.io/v1';

/** Of the Kubernetes Gateway API, as far as istiod makes something of it. */
interface Gateway extends KubeObject {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners?: readonly { readonly name: string; readonly port: number }[];
    readonly infrastructure?: { readonly labels?: Labels; readonly annotations?: Labels };
  };
}

/** Gateways; none while nobody has installed their CRD. */
export function gatewaysOf(store: Store): Gateway[] {
  const kind = store
    .list(KINDS.CustomResourceDefinition)
    .flatMap(definedBy)
    .find(({ group, kind: name }) => group === 'gateway.networking.k8s.io' && name === 'Gateway');
  return kind === undefined ? [] : store.list(kind as Kind<Gateway>);
}

/**
 * What a ready istiod makes of the Gateways that are its own: a ServiceAccount, a Deployment and a Service each, written
 * over whoever wrote them before. Two istiods that both take a Gateway for their own do that in turn, as the real ones do.
 */
export function keepGateways(store: Store, verbs: Verbs, istiod: Istiod): void {
  for (const gateway of gatewaysOf(store)) {
    if (gateway.spec.gatewayClassName !== 'istio' || !isMine(store, istiod, gateway)) continue;
    try {
      write(store, verbs, istiod, gateway);
    } catch (error) {
      // Its namespace is going.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/** What istiods made for Gateways that are not there any more: Kubernetes collects it. */
export function collectOrphans(store: Store): void {
  const there = new Set(gatewaysOf(store).map(({ metadata }) => metadata.uid));
  for (const kind of [KINDS.Deployment, KINDS.Service, KINDS.ServiceAccount] as readonly Kind[]) {
    for (const object of store.list(kind)) {
      const owner = object.metadata.ownerReferences?.find((item) => item.kind === 'Gateway');
      if (owner !== undefined && !there.has(owner.uid)) store.remove(kind, object);
    }
  }
}

/** Istio's `TagWatcher.IsMine`: the Gateway's label, else its namespace's, else the default; `istio-injection` says nothing. */
function isMine(store: Store, { revision, namespace: system }: Istiod, { metadata }: Gateway): boolean {
  const home = store.get(KINDS.Namespace, undefined, metadata.namespace ?? '');
  const chosen = metadata.labels?.[REVISION] ?? home?.metadata.labels?.[REVISION] ?? '';
  const tags = [...store.list(KINDS.MutatingWebhookConfiguration), ...store.list(KINDS.Service, system)]
    .map(({ metadata: { labels = {} } }) => labels)
    .filter((labels) => labels[TAG] !== undefined);
  const mine = [
    revision,
    ...tags.filter((labels) => labels[REVISION] === revision).map((labels) => labels[TAG]),
  ];
  if (chosen !== '') return mine.includes(chosen);
  const validator = store.get(KINDS.ValidatingWebhookConfiguration, undefined, 'istiod-default-validator');
  const isDefault = validator?.metadata.labels?.[REVISION] === revision;
  const defaultTag = store.get(KINDS.MutatingWebhookConfiguration, undefined, 'istio-revision-tag-default');
  return mine.includes('default') || (isDefault && defaultTag === undefined);
}

function write(store: Store, verbs: Verbs, istiod: Istiod, gateway: Gateway): void {
  const { metadata, spec } = gateway;
  const name = `${metadata.name}-istio`;
  // Its own are handed on where it names none for what is made of it.
  const labels = {
    ...(spec.infrastructure?.labels ?? metadata.labels),
    'gateway.istio.io/managed': 'istio.io-gateway-controller',
    'gateway.networking.k8s.io/gateway-class-name': spec.gatewayClassName,
    [NAME]: metadata.name,
  };
  const annotations = spec.infrastructure?.annotations ?? metadata.annotations ?? {};
  const ownerReferences = [
    { apiVersion: API_VERSION, kind: 'Gateway', name: metadata.name, uid: metadata.uid },
  ];
  const own = { name, labels, annotations, ownerReferences };
  apply(store, verbs, KINDS.ServiceAccount, metadata.namespace, { metadata: own });
  apply(store, verbs, KINDS.Deployment, metadata.namespace, {
    metadata: own,
    spec: {
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { [NAME]: metadata.name } },
      template: {
        metadata: {
          labels: {
            'sidecar.istio.io/inject': 'false',
            'service.istio.io/canonical-name': name,
            'service.istio.io/canonical-revision': 'latest',
            ...labels,
          },
          annotations: {
            ...annotations,
            [REVISION]: istiod.revision,
            'prometheus.io/path': '/stats/prometheus',
            'prometheus.io/port': '15020',
            'prometheus.io/scrape': 'true',
          },
        },
        spec: {
          serviceAccountName: name,
          containers: [router(istiod, injectorConfig(store, istiod))],
        },
      },
    },
  });
  apply(store, verbs, KINDS.Service, metadata.namespace, {
    metadata: own,
    spec: {
      type: 'LoadBalancer',
      selector: { [NAME]: metadata.name },
      ports: [
        { name: 'status-port', port: 15021 },
        ...(spec.listeners ?? []).map((listener) => ({ name: listener.name, port: listener.port })),
      ],
    },
  });
}

/** Server-side apply with force, as far as it goes here: fields of the spec that nobody asked for stay as they are. */
function apply(
  store: Store,
  verbs: Verbs,
  kind: Kind,
  namespace: string | undefined,
  wanted: Draft & { readonly metadata: { readonly name: string } },
): void {
  const { name } = wanted.metadata;
  const current = store.get(kind, namespace, name) as Workload | undefined;
  if (current?.metadata.deletionTimestamp !== undefined) return;
  if (current === undefined) {
    verbs.create({ kind, namespace }, wanted, { dryRun: false });
    return;
  }
  const spec = wanted.spec === undefined ? {} : { spec: { ...current.spec, ...(wanted.spec as object) } };
  const next = { ...current, ...spec, metadata: { ...current.metadata, ...wanted.metadata } };
  if (isDeepStrictEqual(next, current)) return;
  verbs.update({ kind, namespace }, name, () => next, { dryRun: false });
}
