import type { Permission } from '../../src/cluster/cluster.ts';
import { describePermission } from '../../src/steps/permissions.ts';
import type { Task } from '../../src/phases/permissions.ts';

/** Permissions that are needed although the audit log of a run on the testbed does not show them, and why. */
export interface Unseen {
  readonly id: string;
  readonly tasks: readonly Task[];
  /** Of `describePermission`. */
  readonly permission: RegExp;
  readonly why: string;
}

export const UNSEEN: readonly Unseen[] = [
  {
    id: 'apply',
    tasks: ['canary'],
    permission:
      /^create (mutatingwebhook|validatingwebhook|customresource|clusterrole|services |serviceaccounts |deployment|role|horizontal)/,
    why: 'istioctl applies on the server’s side, which the log calls patch; the API server asks for create where the object is not there yet (probed)',
  },
  {
    id: 'apply',
    tasks: ['promote', 'remove-old', 'rollback'],
    permission: /^create (mutatingwebhook|validatingwebhook|services )/,
    why: 'istioctl applies on the server’s side, which the log calls patch; the API server asks for create where the object is not there yet (probed)',
  },
  {
    id: 'grant',
    tasks: ['canary'],
    permission: /^(bind|escalate) /,
    why: 'the API server asks for it where a role gives more than one has oneself, as istiod’s roles do; it is no request of its own (probed)',
  },
  {
    id: 'budget',
    tasks: ['canary', 'remove-old', 'rollback'],
    permission: /^(create|patch|delete) poddisruptionbudgets/,
    why: 'only where the configuration has a PodDisruptionBudget for istiod',
  },
  {
    id: 'policy',
    tasks: ['canary', 'remove-old', 'rollback'],
    permission: /^(create|patch|delete) networkpolicies/,
    why: 'only where the configuration has NetworkPolicies (test/suite/scenarios/network-policies.ts)',
  },
  {
    id: 'lost',
    tasks: ['promote', 'remove-old', 'rollback'],
    permission: /^create (leases\.|configmaps )/,
    why: 'only where somebody has deleted the Lease or the record of the canary',
  },
  {
    id: 'stream',
    tasks: ['precheck', 'promote'],
    permission: /^list services$/,
    why: 'istioctl’s watch lists first where the API server can’t stream a list (this one can)',
  },
  {
    id: 'labels',
    tasks: ['rollback'],
    permission: /^(get|patch) namespaces$/,
    why: 'only where labels are to be put back; here promote had done so, as these namespaces follow the default tag',
  },
  {
    id: 'gateway',
    tasks: ['canary', 'promote', 'remove-old', 'rollback'],
    permission: /^(get|patch) gateways\.gateway\.networking\.k8s\.io/,
    why: 'only where there are Gateways of the Kubernetes Gateway API (test/suite/scenarios/gateway-api.ts)',
  },
  {
    id: 'in-place',
    tasks: ['precheck'],
    permission: /^list (horizontalpodautoscalers|poddisruptionbudgets)/,
    why: 'only with strategy: in-place, which weighs all that is live of the control plane, or goes down (test/suite/scenarios/in-place.ts)',
  },
  {
    id: 'in-place',
    tasks: ['canary'],
    permission: /^list customresourcedefinitions/,
    why: 'only with strategy: in-place, which weighs all that is live of the control plane, or goes down (test/suite/scenarios/in-place.ts)',
  },
  {
    id: 'kind',
    tasks: ['promote'],
    permission: /^(get|watch|patch) (statefulsets|daemonsets)/,
    why: 'only where such a workload is left to restart; here the canary had moved them',
  },
];

/** Why a permission that a task did not use is needed all the same; undefined where nothing says so. */
export function whyUnseen(task: Task, permission: Permission): Unseen | undefined {
  const text = describePermission(permission);
  return UNSEEN.find((item) => item.tasks.includes(task) && item.permission.test(text));
}

/** What istioctl asks for and does without, in words of RBAC. */
export const ASKED_IN_VAIN: readonly { readonly asked: RegExp; readonly why: string }[] = [
  {
    asked: /^get pods\/portforward in namespace istio-system$/,
    why: 'a port is forwarded by WebSocket first, and then by SPDY, which is create',
  },
  {
    asked: /^watch mutatingwebhookconfigurations\.admissionregistration\.k8s\.io$/,
    why: 'tag set has what it needs from the list',
  },
  {
    asked: /^get (configmaps in namespace kube-system|felixconfigurations\.projectcalico\.org)$/,
    why: 'install guesses at the platform and its network',
  },
];
