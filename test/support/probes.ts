import type { Permission } from '../../src/cluster/cluster.ts';

const NAMESPACE = 'istio-system';
const RBAC = 'rbac.authorization.k8s.io';
const name = 'istio-upgrade-probe';
const labels = { app: name };

const bindingTo = (kind: string, role: string): object => ({
  roleRef: { apiGroup: RBAC, kind, name: role },
  subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }],
});
const pod = {
  metadata: { labels },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
};

/** The least that the API server takes of each kind that istioctl applies, by resource. */
const OBJECTS: Readonly<Record<string, readonly [apiVersion: string, kind: string, rest: object]>> = {
  mutatingwebhookconfigurations: ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {}],
  validatingwebhookconfigurations: ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {}],
  customresourcedefinitions: [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      metadata: { name: 'probes.istio-upgrade.example' },
      spec: {
        group: 'istio-upgrade.example',
        scope: 'Namespaced',
        names: { plural: 'probes', singular: 'probe', kind: 'Probe', listKind: 'ProbeList' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    },
  ],
  clusterroles: [`${RBAC}/v1`, 'ClusterRole', { rules: [] }],
  clusterrolebindings: [`${RBAC}/v1`, 'ClusterRoleBinding', bindingTo('ClusterRole', 'view')],
  roles: [`${RBAC}/v1`, 'Role', { rules: [] }],
  rolebindings: [`${RBAC}/v1`, 'RoleBinding', bindingTo('ClusterRole', 'view')],
  serviceaccounts: ['v1', 'ServiceAccount', {}],
  services: ['v1', 'Service', { spec: { ports: [{ name: 'http', port: 80 }] } }],
  deployments: ['apps/v1', 'Deployment', { spec: { selector: { matchLabels: labels }, template: pod } }],
  networkpolicies: [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    { spec: { podSelector: { matchLabels: labels } } },
  ],
  horizontalpodautoscalers: [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    { spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } } },
  ],
};

/** A role in the Istio namespace that gives more than the tasks' roles do; a test makes it. */
export const MORE_ROLE = 'istio-upgrade-more';

/** More than any of the tasks' roles holds: what needs `escalate` to be made, and `bind` to be bound. */
const MORE = { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['delete'] }] };

/** An object that can't be applied without a permission, were it not for dry run. */
export function probeFor({ verb, resource, namespace }: Permission): object {
  const [apiVersion, kind, rest] =
    verb === 'bind'
      ? resource === 'clusterroles'
        ? ([`${RBAC}/v1`, 'ClusterRoleBinding', bindingTo('ClusterRole', 'cluster-admin')] as const)
        : ([`${RBAC}/v1`, 'RoleBinding', bindingTo('Role', MORE_ROLE)] as const)
      : OBJECTS[resource]!;
  const scope = namespace === undefined ? {} : { namespace };
  return { apiVersion, kind, metadata: { name, ...scope }, ...rest, ...(verb === 'escalate' ? MORE : {}) };
}
