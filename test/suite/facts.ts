import type { ClusterObject } from '../support/normalise.ts';
import { type PodView, podView } from '../support/pods.ts';
import type { Objects } from './objects.ts';

/** What is seen of a cluster after each act: the same on both clusters. */
export interface Facts {
  /** Pods with a proxy by namespace, counted by `revision@version`. */
  readonly dataPlane: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Labels by namespace, without the one that holds its name. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly default: { readonly injector: string | null; readonly validator: string | null };
  /** Revisions whose istiod is there, with the image's version. */
  readonly controlPlanes: Readonly<Record<string, string>>;
}

const PROXY_IMAGE = 'docker.io/istio/proxyv2:';
const NAME_LABEL = 'kubernetes.io/metadata.name';

export async function seeFacts(objects: Objects): Promise<Facts> {
  const [pods, namespaces, deployments, injectors, validators] = await Promise.all([
    livingPods(objects),
    objects.list('Namespace'),
    objects.list('Deployment'),
    objects.list('MutatingWebhookConfiguration'),
    objects.list('ValidatingWebhookConfiguration'),
  ]);
  return {
    dataPlane: dataPlaneOf(pods),
    labels: labelsOf(namespaces),
    default: {
      injector: defaultInjector(injectors),
      validator: askedRevision(
        validators.find(({ metadata }) => metadata.name === 'istiod-default-validator'),
      ),
    },
    controlPlanes: controlPlanesOf(deployments),
  };
}

/** Pods that are not ending. */
export async function livingPods(objects: Objects): Promise<PodView[]> {
  const pods = await objects.list('Pod');
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(podView);
}

/** Revision and version of a proxy; an image from elsewhere is told as it is. */
export function proxyOf({ revision, proxy = '' }: Pick<PodView, 'revision' | 'proxy'>): string {
  const version = proxy.startsWith(PROXY_IMAGE) ? proxy.slice(PROXY_IMAGE.length) : proxy;
  return `${revision ?? 'none'}@${version}`;
}

function dataPlaneOf(pods: readonly PodView[]): Facts['dataPlane'] {
  const counts: Record<string, Record<string, number>> = {};
  for (const pod of pods) {
    if (pod.proxy === undefined && pod.revision === undefined) continue;
    const row = (counts[pod.namespace] ??= {});
    const proxy = proxyOf(pod);
    row[proxy] = (row[proxy] ?? 0) + 1;
  }
  return counts;
}

/** Of Kubernetes' own namespaces, what is there differs between the clusters and does not matter. */
function labelsOf(namespaces: readonly ClusterObject[]): Facts['labels'] {
  const own = namespaces.filter(({ metadata: { name } }) => name !== 'default' && !name.startsWith('kube-'));
  return Object.fromEntries(
    own.map(({ metadata: { name, labels = {} } }) => [
      name,
      Object.fromEntries(Object.entries(labels as object).filter(([label]) => label !== NAME_LABEL)),
    ]),
  );
}

/** The one webhook that injects namespaces with `istio-injection=enabled`; what is deactivated does not. */
function defaultInjector(injectors: readonly ClusterObject[]): string | null {
  const active = injectors
    .map((object) => ({ object, text: JSON.stringify(object) }))
    .filter(
      ({ text }) =>
        text.includes('"namespace.sidecar-injector.istio.io"') && !text.includes('istio.io/deactivated'),
    );
  return active.length === 1 ? askedRevision(active[0]?.object) : active.length === 0 ? null : 'several';
}

/** The revision whose istiod a webhook asks, by its Service's name. */
function askedRevision(object: ClusterObject | undefined): string | null {
  const [service, ...others] = object === undefined ? [] : servicesOf(object);
  if (service === undefined) return null;
  if (others.length > 0) return 'several';
  return service === 'istiod' ? 'default' : service.replace(/^istiod-/, '');
}

/** Services that the webhooks of a configuration ask. */
export function servicesOf(object: unknown): string[] {
  const { webhooks = [] } = object as {
    webhooks?: { clientConfig: { service?: { name: string } } }[];
  };
  return [...new Set(webhooks.map(({ clientConfig }) => clientConfig.service?.name ?? ''))];
}

function controlPlanesOf(deployments: readonly ClusterObject[]): Facts['controlPlanes'] {
  const istiods = deployments.filter(
    ({ metadata: { labels } }) => (labels as { app?: string } | undefined)?.app === 'istiod',
  );
  return Object.fromEntries(
    istiods.map((object) => {
      const { labels } = object.metadata as { labels?: Record<string, string> };
      const { spec } = object as unknown as {
        spec: { template: { spec: { containers: { image: string }[] } } };
      };
      const image = spec.template.spec.containers[0]?.image ?? '';
      return [labels?.['istio.io/rev'] ?? '', image.split(':').at(-1) ?? ''];
    }),
  );
}
