import type {
  AccessReview,
  ConfigMap,
  GatewayObject,
  KubernetesObject,
  Lease,
  Namespace,
  Pod,
  PodMakerObject,
  Service,
  WebhookConfiguration,
  WorkloadObject,
} from './objects.ts';

/** The kinds this Action touches, and the type in which each is read. */
export interface Kinds {
  Namespace: Namespace;
  Pod: Pod;
  Service: Service;
  ServiceAccount: KubernetesObject;
  ConfigMap: ConfigMap;
  Deployment: WorkloadObject;
  StatefulSet: WorkloadObject;
  DaemonSet: WorkloadObject;
  CronJob: PodMakerObject;
  Job: PodMakerObject;
  ReplicaSet: PodMakerObject;
  Rollout: PodMakerObject;
  HorizontalPodAutoscaler: KubernetesObject;
  PodDisruptionBudget: KubernetesObject;
  NetworkPolicy: KubernetesObject;
  Role: KubernetesObject;
  RoleBinding: KubernetesObject;
  ClusterRole: KubernetesObject;
  ClusterRoleBinding: KubernetesObject;
  MutatingWebhookConfiguration: WebhookConfiguration;
  ValidatingWebhookConfiguration: WebhookConfiguration;
  Lease: Lease;
  SelfSubjectAccessReview: AccessReview;
  Gateway: GatewayObject;
  CustomResourceDefinition: KubernetesObject;
}

export type Kind = keyof Kinds;

type Versions = readonly [newest: string, ...older: string[]];

/** Where a kind lives in the API. */
export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  /** Newest first: all in which it is read and written alike. A cluster serves one of them at least. */
  readonly versions: Versions;
  readonly plural: string;
  readonly namespaced: boolean;
}

const core = (plural: string, namespaced = true): Resource => ({
  group: '',
  versions: ['v1'],
  plural,
  namespaced,
});
const grouped = (
  group: string,
  versions: string | Versions,
  plural: string,
  namespaced = true,
): Resource => ({
  group,
  versions: typeof versions === 'string' ? [versions] : versions,
  plural,
  namespaced,
});

/**
 * The older versions are those of Kubernetes that older releases of Istio go with: CronJob v1 and PodDisruptionBudget v1
 * came with 1.21, HorizontalPodAutoscaler v2 with 1.23 (Kubernetes' deprecation guide).
 */
export const RESOURCES: Readonly<Record<Kind, Resource>> = {
  Namespace: core('namespaces', false),
  Pod: core('pods'),
  Service: core('services'),
  ServiceAccount: core('serviceaccounts'),
  ConfigMap: core('configmaps'),
  Deployment: grouped('apps', 'v1', 'deployments'),
  StatefulSet: grouped('apps', 'v1', 'statefulsets'),
  DaemonSet: grouped('apps', 'v1', 'daemonsets'),
  CronJob: grouped('batch', ['v1', 'v1beta1'], 'cronjobs'),
  Job: grouped('batch', 'v1', 'jobs'),
  ReplicaSet: grouped('apps', 'v1', 'replicasets'),
  Rollout: grouped('argoproj.io', 'v1alpha1', 'rollouts'),
  HorizontalPodAutoscaler: grouped('autoscaling', ['v2', 'v2beta2'], 'horizontalpodautoscalers'),
  PodDisruptionBudget: grouped('policy', ['v1', 'v1beta1'], 'poddisruptionbudgets'),
  NetworkPolicy: grouped('networking.k8s.io', 'v1', 'networkpolicies'),
  Role: grouped('rbac.authorization.k8s.io', 'v1', 'roles'),
  RoleBinding: grouped('rbac.authorization.k8s.io', 'v1', 'rolebindings'),
  ClusterRole: grouped('rbac.authorization.k8s.io', 'v1', 'clusterroles', false),
  ClusterRoleBinding: grouped('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', false),
  MutatingWebhookConfiguration: grouped(
    'admissionregistration.k8s.io',
    'v1',
    'mutatingwebhookconfigurations',
    false,
  ),
  ValidatingWebhookConfiguration: grouped(
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    false,
  ),
  Lease: grouped('coordination.k8s.io', 'v1', 'leases'),
  SelfSubjectAccessReview: grouped('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', false),
  // In v1 alone, although older CRDs lack it: until 1.17 one istiod makes the workloads of all Gateways, to be injected as any
  // other (istio#44164). They move by a restart, and no label of a Gateway moves them.
  Gateway: grouped('gateway.networking.k8s.io', 'v1', 'gateways'),
  CustomResourceDefinition: grouped('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', false),
};

/** The URL path of a kind's collection in a version, or of one object of it. */
export function pathOf(kind: Kind, version: string, namespace?: string, name?: string): string {
  const { plural, namespaced } = RESOURCES[kind];
  const root = `${RESOURCES[kind].group === '' ? '/api' : '/apis'}/${apiVersionOf(kind, version)}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${plural}${object}`;
}

/** `apiVersion` of a kind in a version, such as `apps/v1`. */
export function apiVersionOf(kind: Kind, version: string = RESOURCES[kind].versions[0]): string {
  const { group } = RESOURCES[kind];
  return group === '' ? version : `${group}/${version}`;
}
