import type {
  ConfigMap,
  Definition,
  Job,
  KubeObject,
  Pod,
  ReplicaSet,
  Role,
  RoleBinding,
  Service,
  WebhookConfiguration,
  Workload,
} from './objects.ts';

/** A kind that is served: where it lives, and what the API does with it by itself. */
export interface Kind<T extends KubeObject = KubeObject> {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Counts changes of its spec in `metadata.generation`. */
  readonly generation: boolean;
  /** Its status is written by controllers alone. */
  readonly status: boolean;
  /** Never there: tells the compiler what its objects are. */
  readonly objects?: T;
}

type Traits = Partial<Pick<Kind, 'namespaced' | 'generation' | 'status'>>;

function define<T extends KubeObject = KubeObject>(
  apiVersion: string,
  plural: string,
  kind: string,
  traits: Traits = {},
): Kind<T> {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group, version, plural, kind, namespaced: true, generation: false, status: false, ...traits };
}

const controlled: Traits = { generation: true, status: true };
const clusterWide: Traits = { namespaced: false };
const WEBHOOKS = 'admissionregistration.k8s.io/v1';
const RBAC = 'rbac.authorization.k8s.io/v1';

/** The kinds that are always there. */
export const KINDS = {
  Namespace: define('v1', 'namespaces', 'Namespace', clusterWide),
  Pod: define<Pod>('v1', 'pods', 'Pod', { status: true }),
  Service: define<Service>('v1', 'services', 'Service'),
  ServiceAccount: define('v1', 'serviceaccounts', 'ServiceAccount'),
  ConfigMap: define<ConfigMap>('v1', 'configmaps', 'ConfigMap'),
  Secret: define('v1', 'secrets', 'Secret'),
  ResourceQuota: define('v1', 'resourcequotas', 'ResourceQuota'),
  PersistentVolumeClaim: define('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', { status: true }),
  Deployment: define<Workload>('apps/v1', 'deployments', 'Deployment', controlled),
  StatefulSet: define<Workload>('apps/v1', 'statefulsets', 'StatefulSet', controlled),
  DaemonSet: define<Workload>('apps/v1', 'daemonsets', 'DaemonSet', controlled),
  CronJob: define('batch/v1', 'cronjobs', 'CronJob', controlled),
  Job: define<Job>('batch/v1', 'jobs', 'Job', controlled),
  ReplicaSet: define<ReplicaSet>('apps/v1', 'replicasets', 'ReplicaSet', controlled),
  HorizontalPodAutoscaler: define('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  PodDisruptionBudget: define('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  NetworkPolicy: define('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy'),
  Role: define<Role>(RBAC, 'roles', 'Role'),
  RoleBinding: define<RoleBinding>(RBAC, 'rolebindings', 'RoleBinding'),
  ClusterRole: define<Role>(RBAC, 'clusterroles', 'ClusterRole', clusterWide),
  ClusterRoleBinding: define<RoleBinding>(RBAC, 'clusterrolebindings', 'ClusterRoleBinding', clusterWide),
  MutatingWebhookConfiguration: define<WebhookConfiguration>(
    WEBHOOKS,
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    { ...clusterWide, generation: true },
  ),
  ValidatingWebhookConfiguration: define<WebhookConfiguration>(
    WEBHOOKS,
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    { ...clusterWide, generation: true },
  ),
  Lease: define('coordination.k8s.io/v1', 'leases', 'Lease'),
  CustomResourceDefinition: define<Definition>(
    'apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    { ...clusterWide, generation: true },
  ),
} satisfies Record<string, Kind>;

/** Kinds of workloads, whose pods controllers make. */
export const WORKLOADS = [KINDS.Deployment, KINDS.StatefulSet, KINDS.DaemonSet] as const;

/** API groups that people may ask for: these, and no others, are "not found" while no CRD defines them. */
export const ABSENT_GROUPS: readonly string[] = ['argoproj.io', 'gateway.networking.k8s.io'];

/** The group and version of a kind, such as `apps/v1`. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** A kind's name in error texts, as Kubernetes writes it: `deployments.apps`. */
export function qualified({ group, plural }: Pick<Kind, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The kinds that a CustomResourceDefinition adds: one for each version that it serves. */
export function definedBy({ spec }: Definition): Kind[] {
  return spec.versions
    .filter(({ served }) => served)
    .map(({ name }) =>
      define(`${spec.group}/${name}`, spec.names.plural, spec.names.kind, {
        namespaced: spec.scope === 'Namespaced',
        generation: true,
      }),
    );
}
