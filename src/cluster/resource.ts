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

/** Where a kind lives in the API. */
export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const core = (plural: string, namespaced = true): Resource => ({
  group: '',
  version: 'v1',
  plural,
  namespaced,
});
const grouped = (group: string, version: string, plural: string, namespaced = true): Resource => ({
  group,
  version,
  plural,
  namespaced,
});

export const RESOURCES: Readonly<Record<Kind, Resource>> = {
  Namespace: core('namespaces', false),
  Pod: core('pods'),
  Service: core('services'),
  ServiceAccount: core('serviceaccounts'),
  ConfigMap: core('configmaps'),
  Deployment: grouped('apps', 'v1', 'deployments'),
  StatefulSet: grouped('apps', 'v1', 'statefulsets'),
  DaemonSet: grouped('apps', 'v1', 'daemonsets'),
  CronJob: grouped('batch', 'v1', 'cronjobs'),
  Job: grouped('batch', 'v1', 'jobs'),
  ReplicaSet: grouped('apps', 'v1', 'replicasets'),
  Rollout: grouped('argoproj.io', 'v1alpha1', 'rollouts'),
  HorizontalPodAutoscaler: grouped('autoscaling', 'v2', 'horizontalpodautoscalers'),
  PodDisruptionBudget: grouped('policy', 'v1', 'poddisruptionbudgets'),
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
  Gateway: grouped('gateway.networking.k8s.io', 'v1', 'gateways'),
  CustomResourceDefinition: grouped('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', false),
};

/** The URL path of a kind's collection, or of one object of it. */
export function pathOf(kind: Kind, namespace?: string, name?: string): string {
  const { group, version, plural, namespaced } = RESOURCES[kind];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${plural}${object}`;
}

/** `apiVersion` of a kind, such as `apps/v1`. */
export function apiVersionOf(kind: Kind): string {
  const { group, version } = RESOURCES[kind];
  return group === '' ? version : `${group}/${version}`;
}
