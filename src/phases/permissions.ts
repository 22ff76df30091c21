import type { Permission } from '../cluster/cluster.ts';
import type { Phase } from '../outcome.ts';

const permissions = (group: string, resource: string, verbs: readonly string[]): Permission[] =>
  verbs.map((verb) => ({ verb, group, resource }));

const CHANGE = ['get', 'list', 'create', 'patch', 'delete'];
/** Installing istiod's roles grants what this credential does not hold itself. */
const GRANT = ['bind', 'escalate'];
const WEBHOOKS = 'admissionregistration.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';

/** What every phase reads. A nightly precheck needs nothing else. */
const reader = (istioNamespace: string): Permission[] => [
  ...permissions('', 'namespaces', ['list', 'watch']),
  ...permissions('', 'pods', ['list', 'watch']),
  ...permissions('', 'services', ['list', 'watch']),
  ...permissions('apps', 'deployments', ['list', 'watch']),
  ...permissions('apps', 'statefulsets', ['list']),
  ...permissions('apps', 'daemonsets', ['list']),
  ...permissions(WEBHOOKS, 'mutatingwebhookconfigurations', ['list']),
  ...permissions(WEBHOOKS, 'validatingwebhookconfigurations', ['list']),
  ...permissions('gateway.networking.k8s.io', 'gateways', ['list']),
  ...permissions('apiextensions.k8s.io', 'customresourcedefinitions', ['list']),
  ...inNamespace(istioNamespace, permissions('', 'configmaps', ['get'])),
];

/** What asking istiod takes: istioctl forwards a port to its pods, with a token of that namespace (observed 11). */
const asker = (istioNamespace: string): Permission[] =>
  inNamespace(istioNamespace, [
    ...permissions('', 'pods', ['get']),
    { verb: 'create', group: '', resource: 'pods', subresource: 'portforward' },
    { verb: 'create', group: '', resource: 'serviceaccounts', subresource: 'token' },
  ]);

/** What moving namespaces and workloads takes, and the lock and the record. */
const mover = (istioNamespace: string): Permission[] => [
  ...permissions('', 'namespaces', ['get', 'patch']),
  ...permissions('', 'pods', ['create']),
  ...permissions('apps', 'deployments', ['get', 'watch', 'patch']),
  ...permissions('apps', 'statefulsets', ['get', 'watch', 'patch']),
  ...permissions('apps', 'daemonsets', ['get', 'watch', 'patch']),
  ...inNamespace(istioNamespace, permissions('', 'configmaps', ['create', 'patch'])),
  ...inNamespace(istioNamespace, permissions('coordination.k8s.io', 'leases', ['get', 'create', 'patch'])),
];

/** What istioctl's install, tag set and uninstall take (its own precheck asks for the create rights: IST0141). */
const installer = (istioNamespace: string): Permission[] => [
  ...permissions(WEBHOOKS, 'mutatingwebhookconfigurations', [...CHANGE, 'update']),
  ...permissions(WEBHOOKS, 'validatingwebhookconfigurations', [...CHANGE, 'update']),
  ...permissions(RBAC, 'clusterroles', [...CHANGE, ...GRANT]),
  ...permissions(RBAC, 'clusterrolebindings', CHANGE),
  ...permissions('apiextensions.k8s.io', 'customresourcedefinitions', ['get', 'create', 'patch']),
  // uninstall lists all kinds that it may delete, in all namespaces.
  ...permissions('', 'configmaps', ['list']),
  ...permissions('', 'secrets', ['list']),
  ...permissions('', 'serviceaccounts', ['list']),
  ...permissions(RBAC, 'roles', ['list']),
  ...permissions(RBAC, 'rolebindings', ['list']),
  ...permissions('autoscaling', 'horizontalpodautoscalers', ['list']),
  ...permissions('policy', 'poddisruptionbudgets', ['list']),
  ...permissions('networking.istio.io', 'envoyfilters', ['list']),
  ...inNamespace(istioNamespace, [
    ...permissions('apps', 'deployments', CHANGE),
    ...permissions('', 'services', CHANGE),
    ...permissions('', 'configmaps', CHANGE),
    ...permissions('', 'serviceaccounts', CHANGE),
    ...permissions('apps', 'replicasets', ['list']),
    ...permissions(RBAC, 'roles', [...CHANGE, ...GRANT]),
    ...permissions(RBAC, 'rolebindings', CHANGE),
    ...permissions('autoscaling', 'horizontalpodautoscalers', CHANGE),
    ...permissions('policy', 'poddisruptionbudgets', CHANGE),
  ]),
];

function inNamespace(namespace: string, list: readonly Permission[]): Permission[] {
  return list.map((permission) => ({ ...permission, namespace }));
}

/** What a phase must be allowed before it starts (promise 11). */
export function permissionsFor(phase: Phase, istioNamespace: string): Permission[] {
  const reading = [...reader(istioNamespace), ...asker(istioNamespace)];
  return phase === 'precheck'
    ? reading
    : [...reading, ...mover(istioNamespace), ...installer(istioNamespace)];
}
