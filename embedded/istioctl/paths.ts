import type { Item } from './client.ts';

/** A kind that istioctl deals with: where it is, in the order in which uninstall goes through them. */
export interface Resource {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const row = (apiVersion: string, kind: string, plural: string, namespaced = true): Resource => ({
  apiVersion,
  kind,
  plural,
  namespaced,
});

/** What uninstall looks for, in its order (recording of `uninstall --dry-run`). */
export const PRUNED: readonly Resource[] = [
  row('apps/v1', 'Deployment', 'deployments'),
  row('apps/v1', 'DaemonSet', 'daemonsets'),
  row('v1', 'Service', 'services'),
  row('v1', 'ConfigMap', 'configmaps'),
  row('v1', 'Pod', 'pods'),
  row('v1', 'Secret', 'secrets'),
  row('v1', 'ServiceAccount', 'serviceaccounts'),
  row('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  row('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  row('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  row('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  row(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    false,
  ),
  row(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    false,
  ),
  row('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false),
  row('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
];

/** Which older releases install for telemetry, and uninstall. */
export const FILTERS: Resource = row('networking.istio.io/v1alpha3', 'EnvoyFilter', 'envoyfilters');

const OTHERS: readonly Resource[] = [
  FILTERS,
  // Installed, and never pruned (Istio's operator/pkg/uninstall/prune.go).
  row('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  row('v1', 'Namespace', 'namespaces', false),
  row('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
  row('install.istio.io/v1alpha1', 'IstioOperator', 'istiooperators'),
];

/** The path of a collection. */
export function collection({ apiVersion, plural, namespaced }: Resource, namespace?: string): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}${namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ''}/${plural}`;
}

export function resourceOf(kind: string): Resource {
  const found = [...PRUNED, ...OTHERS].find((resource) => resource.kind === kind);
  if (found === undefined) throw new Error(`${kind} is not known`);
  return found;
}

/** The path of the collection that an object belongs to. */
export function homeOf({ kind, metadata }: Item): string {
  return collection(resourceOf(kind), metadata.namespace);
}

export function pathOf(item: Item): string {
  return `${homeOf(item)}/${item.metadata.name}`;
}
