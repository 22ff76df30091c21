import { type Snapshot, IGNORED_KINDS, normalise, type ClusterObject } from '../support/normalise.ts';
import { type Api, apiOf } from '../suite/api.ts';
import type { World } from './world.ts';

/**
 * What there is, as the API server and the istiods say: the oracle's eyes. It shares no code with `src/` and none of its
 * opinions; who injects whom is not derived from labels but asked, by a dry run of a pod.
 */
export interface Look {
  /** All objects, normalised. */
  readonly snapshot: Snapshot;
  /** Labels and annotations of the namespaces that are there. */
  readonly namespaces: Readonly<Record<string, Named>>;
  /** Who would inject: a pod without labels (`Namespace x`), and one of each template. */
  readonly answers: Readonly<Record<string, Answer>>;
  readonly pods: readonly Seen[];
  readonly workloads: readonly Load[];
  readonly planes: readonly Plane[];
  /** Revisions of this mesh's webhooks by the tag that they serve; without a tag by `rev:…`. */
  readonly defaultInjector: readonly string[];
  readonly defaultValidator: string | undefined;
  /** What holds a revision: webhooks, tags and all else that says `istio.io/rev`, as `Kind namespace/name`. */
  readonly ofRevision: Readonly<Record<string, readonly string[]>>;
}

/** The namespace in `Kind namespace/name`; empty where the object is in none. */
export function homeOf(ref: string): string {
  const [, path = ''] = ref.split(' ');
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
}

export interface Named {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `revision@version of NAMESPACE`, `none`, or `refused`. */
export interface Answer {
  readonly kind: 'injected' | 'none' | 'refused';
  readonly revision: string;
  readonly version: string;
  /** Of the istiod. */
  readonly home: string;
  readonly why?: string;
}

export interface Seen {
  readonly namespace: string;
  readonly name: string;
  /** `Kind namespace/name` of the workload, or of the pod itself. */
  readonly owner: string;
  readonly revision: string;
  readonly version: string;
  readonly home: string;
  readonly ready: boolean;
  /** Name of the istiod's Service by which it is connected; undefined where no istiod has it. */
  readonly connected: string | undefined;
  readonly synced: boolean;
  /** istiod makes it, for a Gateway of the Kubernetes Gateway API. */
  readonly ofGateway?: true;
}

export interface Load {
  readonly ref: string;
  readonly namespace: string;
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
  /** Pods of an older template. */
  readonly old: number;
}

export interface Plane {
  readonly home: string;
  readonly revision: string;
  readonly version: string;
  readonly ready: boolean;
}

interface Body {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

const SYSTEM = /^(kube-|istio-system$|istio-blue$)/;

/** Asks about everything. It changes nothing: what it creates are dry runs. */
export async function look(world: World): Promise<Look> {
  const { api, close } = apiOf(world.cluster.kubeconfig('admin'));
  try {
    return await lookThrough(world, api);
  } finally {
    close();
  }
}

async function lookThrough(world: World, api: Api): Promise<Look> {
  const all = world.cluster.snapshot() as unknown as readonly (ClusterObject & Body)[];
  const of = (kind: string): (ClusterObject & Body)[] => all.filter((object) => object.kind === kind);
  const namespaces = of('Namespace').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const planes = of('Deployment').filter(isIstiod).map(planeOf);
  const templates = all.flatMap(templatesOf);
  const asked = [
    ...namespaces.map(({ metadata: { name } }) => ({
      key: `Namespace ${name}`,
      namespace: name,
      template: {},
    })),
    ...templates,
  ].filter(({ namespace }) => !SYSTEM.test(namespace));
  const answers = await Promise.all(
    asked.map(async ({ key, namespace, template }) => [key, await ask(api, namespace, template)] as const),
  );
  const connections = await connectionsOf(api, of('Pod'));
  const injectors = of('MutatingWebhookConfiguration');
  const defaults = injectors.filter(({ metadata }) => metadata.labels?.['istio.io/tag'] === 'default');
  const unrevisioned = injectors.filter(({ metadata }) => metadata.name === 'istio-sidecar-injector');
  return {
    snapshot: normalise(all.filter((object) => !(nameOf(object) in IGNORED_KINDS))),
    namespaces: Object.fromEntries(
      namespaces.map(({ metadata: { name, labels = {}, annotations = {} } }) => [
        name,
        { labels, annotations },
      ]),
    ),
    answers: Object.fromEntries(answers),
    pods: of('Pod')
      .filter(
        ({ metadata }) => metadata.deletionTimestamp === undefined && !SYSTEM.test(metadata.namespace ?? ''),
      )
      .flatMap((pod) => seenOf(pod, connections)),
    workloads: all.filter(({ kind }) => /^(Deployment|StatefulSet|DaemonSet)$/.test(kind)).map(loadOf),
    planes,
    defaultInjector: [...defaults, ...(defaults.length > 0 ? [] : unrevisioned)].map(
      ({ metadata }) => metadata.labels?.['istio.io/rev'] ?? '',
    ),
    defaultValidator: of('ValidatingWebhookConfiguration').find(
      ({ metadata }) => metadata.name === 'istiod-default-validator',
    )?.metadata.labels?.['istio.io/rev'],
    ofRevision: Object.fromEntries(
      [...new Set(all.map(revisionOf))]
        .filter((revision) => revision !== '')
        .map((revision) => [
          revision,
          all.filter((object) => revisionOf(object) === revision && object.kind !== 'Pod').map(refOf),
        ]),
    ),
  };
}

function revisionOf({ kind, metadata }: Body): string {
  // A namespace chooses a revision, it is none of it.
  return kind === 'Namespace' ? '' : (metadata.labels?.['istio.io/rev'] ?? '');
}

function refOf({ kind = '', metadata: { namespace, name } }: Body): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function isIstiod({ metadata: { labels = {} } }: Body): boolean {
  return labels.app === 'istiod';
}

function planeOf({ metadata, spec = {}, status = {} }: Body): Plane {
  const template = spec.template as { spec: { containers: readonly Container[] } };
  return {
    home: metadata.namespace ?? '',
    revision: metadata.labels?.['istio.io/rev'] ?? '',
    version: tagOf(template.spec.containers[0]?.image ?? ''),
    ready: Number(status.readyReplicas ?? 0) > 0 && Number(spec.replicas ?? 1) > 0,
  };
}

function templatesOf(object: Body): { key: string; namespace: string; template: Template }[] {
  const { kind = '', metadata, spec = {} } = object;
  const template = (
    kind === 'CronJob'
      ? (spec.jobTemplate as { spec: { template: Template } }).spec.template
      : /^(Deployment|StatefulSet|DaemonSet|Job)$/.test(kind)
        ? spec.template
        : undefined
  ) as Template | undefined;
  if (template === undefined) return [];
  const claims = (spec.volumeClaimTemplates ?? []) as readonly { metadata: { name: string } }[];
  const volumes = claims.map(({ metadata: { name } }) => ({ name, emptyDir: {} }));
  return [
    {
      key: refOf(object),
      namespace: metadata.namespace ?? '',
      // A controller makes volumes of the claims.
      template: { ...template, spec: { ...template.spec, ...(volumes.length === 0 ? {} : { volumes }) } },
    },
  ];
}

interface Template {
  readonly metadata?: { readonly labels?: object; readonly annotations?: object };
  readonly spec?: object;
}

async function ask(api: Api, namespace: string, template: Template): Promise<Answer> {
  const { status, body } = await api({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        name: 'asked-by-the-oracle',
        namespace,
        // As a ReplicaSet's: who refuses bare pods is not asked about them.
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'none', uid: 'none', controller: true },
        ],
      },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], ...template.spec },
    },
  });
  const nobody = { revision: '', version: '', home: '' };
  if (status >= 300)
    return { kind: 'refused', ...nobody, why: (body as { message?: string }).message ?? String(status) };
  const proxy = proxyOf(body as Body);
  return proxy === undefined || proxy.revision === ''
    ? { kind: 'none', ...nobody }
    : { kind: 'injected', ...proxy };
}

/** The sidecar: whose it is by the address in it, which version by its image, which revision by the injector's record. */
function proxyOf({ spec = {}, metadata }: Body): Pick<Answer, 'revision' | 'version' | 'home'> | undefined {
  const containers = [
    ...((spec.initContainers ?? []) as Container[]),
    ...((spec.containers ?? []) as Container[]),
  ];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  if (proxy === undefined) return undefined;
  const address = askedBy(proxy, metadata.namespace ?? '');
  const { 'sidecar.istio.io/status': status, 'istio.io/rev': made = '' } = metadata.annotations ?? {};
  // What istiod makes for a Gateway nobody injects: its template says whose it is.
  const revision =
    status === undefined ? made : ((JSON.parse(status) as { revision?: string }).revision ?? '');
  return { revision, version: tagOf(proxy.image), home: address.split('.')[1] ?? '' };
}

/**
 * Whom a proxy asks: as its agent reads it, what is not said is Istio's default. A gateway that istioctl rendered says
 * nothing: it has its mesh's own configuration mounted, from the namespace that it is in.
 */
function askedBy({ env = [] }: Container, namespace: string): string {
  const config = env.find(({ name }) => name === 'PROXY_CONFIG')?.value;
  if (config === undefined) return `istiod.${namespace}.svc:15012`;
  const { discoveryAddress = 'istiod.istio-system.svc:15012' } = JSON.parse(config) as {
    discoveryAddress?: string;
  };
  return discoveryAddress;
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1);
}

function seenOf(pod: Body, connections: ReadonlyMap<string, Connection>): Seen[] {
  const proxy = proxyOf(pod);
  const { name, namespace = '' } = pod.metadata;
  const connection = connections.get(`${name}.${namespace}`);
  if (proxy === undefined) return [];
  const conditions = (pod.status?.conditions ?? []) as readonly { type: string; status: string }[];
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return [
    {
      namespace,
      name,
      owner: owner === undefined ? `Pod ${namespace}/${name}` : workloadOf(owner, namespace),
      ...proxy,
      ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      connected: connection?.revision,
      synced: connection?.synced ?? false,
      ...(pod.metadata.labels?.['gateway.istio.io/managed'] === undefined
        ? {}
        : { ofGateway: true as const }),
    },
  ];
}

/** A ReplicaSet is its Deployment's, by all but the last part of its name. */
function workloadOf({ kind, name }: { kind: string; name: string }, namespace: string): string {
  return kind === 'ReplicaSet'
    ? `Deployment ${namespace}/${name.slice(0, name.lastIndexOf('-'))}`
    : `${kind} ${namespace}/${name}`;
}

function loadOf(object: Body): Load {
  const { spec = {}, status = {} } = object;
  const count = (...names: readonly string[]): number =>
    Number(names.map((name) => status[name]).find((value) => value !== undefined) ?? 0);
  const updated = count('updatedNumberScheduled', 'updatedReplicas');
  return {
    ref: refOf(object),
    namespace: object.metadata.namespace ?? '',
    old: Math.max(count('currentNumberScheduled', 'replicas') - updated, 0),
    desired: object.kind === 'DaemonSet' ? count('desiredNumberScheduled') : Number(spec.replicas ?? 1),
    ready: count('numberReady', 'readyReplicas'),
    updated,
  };
}

interface Connection {
  readonly revision: string;
  readonly synced: boolean;
}

/** Each istiod is asked who is connected to it. */
async function connectionsOf(api: Api, pods: readonly Body[]): Promise<Map<string, Connection>> {
  const found = new Map<string, Connection>();
  for (const { metadata } of pods.filter(
    (pod) => isIstiod(pod) && pod.metadata.deletionTimestamp === undefined,
  )) {
    const revision = metadata.labels?.['istio.io/rev'] ?? '';
    const path = `/embedded-cluster.not-kubernetes/istiod/${metadata.namespace ?? ''}/${metadata.name}/syncz`;
    const { status, body } = await api({ method: 'GET', path });
    if (status !== 200) continue;
    const { resources = [] } = body as { resources?: readonly Client[] };
    for (const { node, genericXdsConfigs } of resources) {
      const synced = genericXdsConfigs.every(({ configStatus }) => configStatus === 'SYNCED');
      found.set(node.id, { revision, synced });
    }
  }
  return found;
}

interface Client {
  readonly node: { readonly id: string };
  readonly genericXdsConfigs: readonly { readonly configStatus: string }[];
}

/** As the keys of IGNORED_KINDS name an object's kind. */
function nameOf({ apiVersion, kind }: ClusterObject): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [undefined];
  const plural = `${kind.toLowerCase()}s`;
  return group === undefined ? plural : `${plural}.${group}`;
}

/** An answer as one word. */
export function sayAnswer({ kind, revision, version, home }: Answer): string {
  return kind === 'injected' ? `${revision}@${version} of ${home}` : kind;
}
