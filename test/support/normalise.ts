/** A Kubernetes object, as kubectl gives it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** All objects of a cluster by `Kind namespace/name`, without what is declared below: two of them can be compared. */
export type Snapshot = Readonly<Record<string, unknown>>;

/**
 * Kinds that are not looked at, and why. All others are, also those that nobody thought of: what is compared is the
 * cluster, not a list of what the Action is known to touch.
 */
export const IGNORED_KINDS: Readonly<Record<string, string>> = {
  'apiservices.apiregistration.k8s.io':
    'the register of API groups: the API server takes one of a CRD out for a moment, and makes it anew, when its CRD is written',
  componentstatuses: 'a health check that is made up when it is asked for',
  events: 'a log of what happened',
  'events.events.k8s.io': 'the same log, by its other name',
  pods: 'made anew with each restart, under new names; tests look at them by their revision instead',
  'replicasets.apps': 'the history of Deployments: a restart adds to it',
  'controllerrevisions.apps': 'the history of StatefulSets and DaemonSets: a restart adds to it',
  endpoints: 'addresses of pods',
  'endpointslices.discovery.k8s.io': 'addresses of pods',
  'ipaddresses.networking.k8s.io': 'the register of the Services’ addresses, kept by the API server',
  'leases.coordination.k8s.io': 'heartbeats, among them the Action’s own lock',
  nodes: 'heartbeats of the kubelet',
};

/** What is dropped of the objects that are looked at: each with the reason why a difference there is none. */
export interface Rule {
  readonly drops: string;
  readonly because: string;
  readonly apply: (object: ClusterObject) => ClusterObject | undefined;
}

const RECORD = 'istio-upgrade';
const OWN_PREFIX = 'istio-upgrade/';

/** The rules of the normaliser, in the order in which they are applied. */
export const RULES: readonly Rule[] = [
  {
    drops: 'ConfigMap istio-upgrade',
    because: 'the record of this Action: it stays as the memory of what was done',
    apply: (object) => (object.kind === 'ConfigMap' && object.metadata.name === RECORD ? undefined : object),
  },
  {
    drops: 'annotations istio-upgrade/*, also of pod templates',
    because: 'of this Action: restarting a workload is changing its template by an annotation',
    apply: (object) => mapAnnotations(object, (name) => !name.startsWith(OWN_PREFIX)),
  },
  {
    drops: 'uid, resourceVersion, generation, creationTimestamp, managedFields and status',
    because: 'the API server counts writes with them, and controllers report in the status',
    apply: (object) => ({
      ...without(object, ['status']),
      metadata: without(object.metadata, [
        'uid',
        'resourceVersion',
        'generation',
        'creationTimestamp',
        'managedFields',
      ]),
    }),
  },
  {
    drops: 'annotations deployment.kubernetes.io/revision and deprecated.daemonset.template.generation',
    because: 'the controllers count restarts with them',
    apply: (object) =>
      mapAnnotations(
        object,
        (name) =>
          name !== 'deployment.kubernetes.io/revision' && name !== 'deprecated.daemonset.template.generation',
      ),
  },
  {
    drops: 'annotation control-plane.alpha.kubernetes.io/leader',
    because: 'the istiods elect their leaders with it, and renew it every few seconds',
    apply: (object) => mapAnnotations(object, (name) => name !== 'control-plane.alpha.kubernetes.io/leader'),
  },
  {
    drops: 'fields caBundle',
    because: 'istiod writes its own certificate into its webhooks when it starts',
    apply: (object) => withoutDeep(object, 'caBundle') as ClusterObject,
  },
  {
    drops: 'data of ConfigMap istio-ca-root-cert',
    because: 'istiod keeps its own root certificate there; the istiods of two meshes overwrite each other',
    apply: (object) =>
      object.kind === 'ConfigMap' && object.metadata.name === 'istio-ca-root-cert'
        ? without(object, ['data'])
        : object,
  },
  {
    drops: 'content of the base CRDs (names ending in .istio.io)',
    because: 'all revisions share them; install renews them, and they never go back (a declared exception)',
    apply: (object) => (isBaseDefinition(object) ? nameOnly(object) : object),
  },
  {
    drops: 'content of ServiceAccount istio-reader-service-account',
    because: 'part of the base, as the CRDs are',
    apply: (object) =>
      object.kind === 'ServiceAccount' && object.metadata.name === 'istio-reader-service-account'
        ? nameOnly(object)
        : object,
  },
  {
    drops: 'annotation maps that are empty',
    because: 'an annotation that was dropped leaves nothing behind',
    apply: (object) => withoutEmptyAnnotations(object) as ClusterObject,
  },
];

/** The snapshot of a cluster's objects. */
export function normalise(objects: readonly ClusterObject[]): Snapshot {
  const entries = objects.flatMap((object) => {
    const normal = RULES.reduce<ClusterObject | undefined>((left, { apply }) => left && apply(left), object);
    return normal === undefined ? [] : [[keyOf(normal), normal] as const];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keyOf({ apiVersion, kind, metadata: { namespace, name } }: ClusterObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : '';
  return `${kind}${group} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function nameOnly({ apiVersion, kind, metadata: { name, namespace } }: ClusterObject): ClusterObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function isBaseDefinition({ kind, metadata: { name } }: ClusterObject): boolean {
  return kind === 'CustomResourceDefinition' && name.endsWith('.istio.io');
}

function without<T extends object>(object: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as T;
}

/** Filters annotations of the object and of its pod template. */
function mapAnnotations(object: ClusterObject, keep: (name: string) => boolean): ClusterObject {
  const spec = object.spec as { template?: { metadata?: object } } | undefined;
  const filtered = { ...object, metadata: filterAnnotations(object.metadata, keep) };
  if (spec?.template?.metadata === undefined) return filtered;
  const { template } = spec;
  return {
    ...filtered,
    spec: { ...spec, template: { ...template, metadata: filterAnnotations(template.metadata ?? {}, keep) } },
  };
}

function filterAnnotations<T extends object>(metadata: T, keep: (name: string) => boolean): T {
  const { annotations } = metadata as { annotations?: Record<string, string> };
  if (annotations === undefined) return metadata;
  const kept = Object.entries(annotations).filter(([name]) => keep(name));
  return { ...metadata, annotations: Object.fromEntries(kept) };
}

function withoutDeep(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDeep(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== name);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutDeep(item, name)]));
}

function withoutEmptyAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyAnnotations);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) =>
      key !== 'annotations' ||
      typeof item !== 'object' ||
      item === null ||
      Object.keys(item as object).length > 0,
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutEmptyAnnotations(item)]));
}
