import type { Permission } from '../cluster/cluster.ts';
import type { Inputs } from '../inputs.ts';
import { CONFIGURATION_KINDS } from '../istio/configuration-kinds.ts';

/** What a credential is for. Promote with `remove-old` deletes, and so has a role of its own. */
export const TASKS = ['precheck', 'canary', 'promote', 'remove-old', 'rollback'] as const;
export type Task = (typeof TASKS)[number];

/** The task of a run. In place the way down installs, too: each phase that changes something needs what canary needs. */
export function taskOf({
  phase,
  removeOld,
  strategy,
}: Pick<Inputs, 'phase' | 'removeOld' | 'strategy'>): Task {
  if (strategy === 'in-place' && phase !== 'precheck') return 'canary';
  return phase === 'promote' && removeOld ? 'remove-old' : phase;
}

/** Verbs on one resource that the same tasks need. */
interface Need {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Of this object alone. */
  readonly name?: string;
  readonly verbs: readonly string[];
  readonly tasks: readonly Task[];
}

const [PRECHECK, CANARY, PROMOTE, REMOVE, ROLLBACK] = TASKS;
const ALL = TASKS;
const CHANGING: readonly Task[] = [CANARY, PROMOTE, REMOVE, ROLLBACK];
/** These set tags by `istioctl tag set`; canary only the one of the input `canary-tag`. */
const TAGGING: readonly Task[] = CHANGING;
/** These set the default tag. */
const DEFAULTING: readonly Task[] = [PROMOTE, REMOVE, ROLLBACK];
/** These remove a control plane, by `istioctl uninstall`, or by name what it does not know of. */
const REMOVING: readonly Task[] = [REMOVE, ROLLBACK];
/** istioctl's install and uninstall list all kinds that they might delete, in all namespaces. */
const PRUNING: readonly Task[] = [CANARY, REMOVE, ROLLBACK];

/** Whose token istioctl shows to istiod (`default.<namespace>`; recording 321). */
const TOKEN_ACCOUNT = 'default';

/**
 * The first minor release whose `proxy-status` asks istiod by XDS, and so with a token (Istio's
 * istioctl/pkg/proxystatus/proxystatus.go at its release tags). Before, `pods/portforward` was enough. No other command
 * that is used here needs a token: not `x precheck`, install, uninstall or tag. The right is asked of all versions: the
 * roles are one for all of them, and it is of an account without rights (issue 12).
 */
export const TOKEN_SINCE = '1.22';

const WEBHOOKS = 'admissionregistration.k8s.io';
const NETWORK = 'networking.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';
/** Installing istiod's roles grants what this credential does not hold itself. */
const GRANT = ['bind', 'escalate'];
/** istioctl applies on the server's side: a patch, which asks for create too where the object is not there yet. */
const APPLY = ['create', 'patch'];

function need(group: string, resource: string, verbs: readonly string[], tasks: readonly Task[]): Need {
  const [name = '', subresource] = resource.split('/');
  return { group, resource: name, verbs, tasks, ...(subresource === undefined ? {} : { subresource }) };
}

/** In all namespaces, or of the whole cluster. */
const EVERYWHERE: readonly Need[] = [
  need('', 'namespaces', ['list'], ALL),
  need('', 'namespaces', ['watch'], [PRECHECK]),
  need('', 'namespaces', ['get', 'patch'], CHANGING),
  need('', 'pods', ['list'], ALL),
  need('', 'pods', ['watch'], [PRECHECK]),
  // The rehearsal of injection; sent as dry runs only.
  need('', 'pods', ['create'], CHANGING),
  need('', 'services', ['list'], ALL),
  need('', 'services', ['watch'], [PRECHECK, ...TAGGING]),
  need('apps', 'deployments', ['list'], ALL),
  need('apps', 'deployments', ['watch'], ALL),
  // What makes pods later, and is not restarted: a revision that it asks for is in use (M07).
  ...['cronjobs', 'jobs'].map((resource) => need('batch', resource, ['list'], ALL)),
  need('apps', 'replicasets', ['list'], REMOVING),
  need('argoproj.io', 'rollouts', ['list'], ALL),
  need('apps', 'deployments', ['get', 'patch'], CHANGING),
  ...['statefulsets', 'daemonsets'].flatMap((resource) => [
    need('apps', resource, ['list'], ALL),
    need('apps', resource, ['get', 'watch', 'patch'], CHANGING),
  ]),
  need(WEBHOOKS, 'mutatingwebhookconfigurations', ['list'], ALL),
  need(WEBHOOKS, 'mutatingwebhookconfigurations', APPLY, CHANGING),
  // Where the old control plane has no revision, `tag set` switches its injector off.
  need(WEBHOOKS, 'mutatingwebhookconfigurations', ['update'], DEFAULTING),
  need(WEBHOOKS, 'mutatingwebhookconfigurations', ['delete'], REMOVING),
  need(WEBHOOKS, 'validatingwebhookconfigurations', ['list'], ALL),
  need(WEBHOOKS, 'validatingwebhookconfigurations', ['get'], DEFAULTING),
  need(WEBHOOKS, 'validatingwebhookconfigurations', APPLY, CHANGING),
  need(WEBHOOKS, 'validatingwebhookconfigurations', ['delete'], REMOVING),
  need('gateway.networking.k8s.io', 'gateways', ['list'], ALL),
  // Their label decides which istiod makes their workload.
  need('gateway.networking.k8s.io', 'gateways', ['get', 'patch'], CHANGING),
  need('apiextensions.k8s.io', 'customresourcedefinitions', ['list'], [PRECHECK, CANARY]),
  need('apiextensions.k8s.io', 'customresourcedefinitions', ['get', ...APPLY], [CANARY]),
  need(RBAC, 'clusterroles', ['list'], CHANGING),
  need(RBAC, 'clusterroles', [...APPLY, ...GRANT], [CANARY]),
  need(RBAC, 'clusterroles', ['delete'], REMOVING),
  need(RBAC, 'clusterrolebindings', ['list'], CHANGING),
  need(RBAC, 'clusterrolebindings', APPLY, [CANARY]),
  need(RBAC, 'clusterrolebindings', ['delete'], REMOVING),
  ...['configmaps', 'secrets', 'serviceaccounts'].map((resource) => need('', resource, ['list'], PRUNING)),
  ...['roles', 'rolebindings'].map((resource) => need(RBAC, resource, ['list'], PRUNING)),
  // Also compared with what the configuration makes of them (H52).
  need('autoscaling', 'horizontalpodautoscalers', ['list'], [PRECHECK, ...PRUNING]),
  need('policy', 'poddisruptionbudgets', ['list'], [PRECHECK, ...PRUNING]),
  need('networking.istio.io', 'envoyfilters', ['list'], PRUNING),
  // istioctl prunes none: what it leaves of a gateway or Istio CNI is named.
  need(NETWORK, 'networkpolicies', ['list'], REMOVING),
];

/** In the Istio namespace alone. */
const IN_ISTIO: readonly Need[] = [
  // To ask istiod, istioctl forwards a port to its pods, with a token of that namespace (observed 11).
  need('', 'pods', ['get'], ALL),
  need('', 'pods/portforward', ['create'], ALL),
  // Of one account that has no rights. Of any, it would be worth istiod's, who reads all Secrets (issue 12).
  { ...need('', 'serviceaccounts/token', ['create'], ALL), name: TOKEN_ACCOUNT },
  // The record, and what istiod is configured by.
  need('', 'configmaps', ['get'], ALL),
  need('', 'configmaps', ['list'], [PROMOTE]),
  need('', 'configmaps', APPLY, CHANGING),
  need('', 'configmaps', ['delete'], REMOVING),
  need('coordination.k8s.io', 'leases', ['get', ...APPLY], CHANGING),
  need('', 'services', ['get'], DEFAULTING),
  need('', 'services', APPLY, CHANGING),
  need('', 'services', ['delete'], REMOVING),
  need('apps', 'deployments', ['create'], [CANARY]),
  need('apps', 'deployments', ['delete'], REMOVING),
  need('apps', 'replicasets', ['list'], [CANARY]),
  need(RBAC, 'roles', [...APPLY, ...GRANT], [CANARY]),
  need(NETWORK, 'networkpolicies', ['list'], [CANARY, PROMOTE]),
  need(NETWORK, 'networkpolicies', APPLY, [CANARY]),
  need(NETWORK, 'networkpolicies', ['delete'], REMOVING),
  ...(
    [
      ['', 'serviceaccounts'],
      [RBAC, 'rolebindings'],
      ['autoscaling', 'horizontalpodautoscalers'],
      ['policy', 'poddisruptionbudgets'],
    ] as const
  ).map(([group, resource]) => need(group, resource, APPLY, [CANARY])),
  ...(
    [
      ['', 'serviceaccounts'],
      [RBAC, 'roles'],
      [RBAC, 'rolebindings'],
      ['autoscaling', 'horizontalpodautoscalers'],
      ['policy', 'poddisruptionbudgets'],
    ] as const
  ).flatMap(([group, resource]) => [
    need(group, resource, ['list'], [PROMOTE]),
    need(group, resource, ['delete'], REMOVING),
  ]),
];

/** What a task must be allowed before it starts (promise 11), each permission once. */
export function permissionsFor(task: Task, istioNamespace: string): Permission[] {
  return [
    ...EVERYWHERE.flatMap(permissionsOf(task)),
    ...IN_ISTIO.flatMap(permissionsOf(task)).map((item) => ({ ...item, namespace: istioNamespace })),
  ];
}

/**
 * What the role of a task grants, and no access review insists on: where it is missing, a finding says what was not seen
 * (`configuration-not-seen`).
 */
const WHERE_ALLOWED: readonly Need[] = CONFIGURATION_KINDS.map(({ group, plural }) =>
  need(group, plural, ['list'], [PRECHECK, CANARY, PROMOTE, REMOVE]),
);

/** What a task does without where it is not allowed. */
export function wantedBy(task: Task): Permission[] {
  return WHERE_ALLOWED.flatMap(permissionsOf(task));
}

/** A gateway is applied whole, its Role with rights that this credential does not hold itself. */
const OF_A_GATEWAY: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ['', 'services', ['get', ...APPLY]],
  ['', 'serviceaccounts', ['get', ...APPLY]],
  ['apps', 'deployments', APPLY],
  [RBAC, 'roles', ['get', ...APPLY, ...GRANT]],
  [RBAC, 'rolebindings', ['get', ...APPLY]],
  ['autoscaling', 'horizontalpodautoscalers', ['get', ...APPLY]],
  ['policy', 'poddisruptionbudgets', ['get', ...APPLY]],
  [NETWORK, 'networkpolicies', ['get', ...APPLY]],
];

/**
 * What promote and rollback, and canary with `gateways: with-install`, need beside their own in a namespace where istioctl
 * has installed a gateway. A mesh without one need not grant it.
 */
export function gatewayPermissions(namespace: string): Permission[] {
  return OF_A_GATEWAY.flatMap(([group, resource, verbs]) =>
    verbs.map((verb) => ({ verb, group, resource, namespace })),
  );
}

/** Istio CNI is applied whole, too; what it may do is of the whole cluster. */
const OF_CNI: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ['', 'serviceaccounts', ['get', ...APPLY]],
  ['', 'configmaps', ['get', ...APPLY]],
  ['apps', 'daemonsets', APPLY],
  [NETWORK, 'networkpolicies', ['get', ...APPLY]],
];

/** What canary (with `cni: with-install`) and rollback need beside their own in the namespace of Istio CNI. */
export function cniPermissions(namespace: string): Permission[] {
  return OF_CNI.flatMap(([group, resource, verbs]) =>
    verbs.map((verb) => ({ verb, group, resource, namespace })),
  );
}

/** The same of the whole cluster: CNI's roles have rights that this credential does not hold itself. */
export const CNI_EVERYWHERE: readonly Permission[] = [
  ['clusterroles', ['get', ...APPLY, ...GRANT]] as const,
  ['clusterrolebindings', ['get', ...APPLY]] as const,
].flatMap(([resource, verbs]) => verbs.map((verb) => ({ verb, group: RBAC, resource })));

function permissionsOf(task: Task): (need: Need) => Permission[] {
  return ({ tasks, verbs, ...rest }) =>
    tasks.includes(task) ? verbs.map((verb) => ({ verb, ...rest })) : [];
}
