import type { Permission } from '../../src/cluster/cluster.ts';
import { describePermission } from '../../src/steps/permissions.ts';
import { TASKS, type Task, permissionsFor, wantedBy } from '../../src/phases/permissions.ts';
import type { AuditEvent } from './testbed-audit.ts';

const ISTIO = 'istio-system';
const RBAC = 'rbac.authorization.k8s.io';

/** A user who has all permissions of a task but one. */
export interface Deprived {
  readonly user: string;
  readonly task: Task;
  readonly without: Permission;
}

/** One such user for every permission of every task. */
export function deprivedUsers(): Deprived[] {
  return TASKS.flatMap((task) =>
    permissionsFor(task, ISTIO).map((without, index) => ({
      user: `${task}-without-${String(index)}`,
      task,
      without,
    })),
  );
}

/** Of these, each permission once: with one of the tasks that need it, in turn. */
export function eachPermissionOnce(all: readonly Deprived[]): Deprived[] {
  const byPermission = Map.groupBy(all, ({ without }) => describePermission(without));
  return [...byPermission.values()].map((users, index) => users[index % users.length]!);
}

/**
 * The objects that give each of these users what is left of their task's permissions: a role for each permission, bound
 * to all who have it. RBAC adds up, so this is their task's role without the one permission.
 */
export function rolesOf(users: readonly Deprived[]): object[] {
  const holders = new Map<string, { permission: Permission; names: string[] }>();
  for (const { user, task, without } of users) {
    for (const permission of permissionsFor(task, ISTIO)) {
      const key = describePermission(permission);
      const entry = holders.get(key) ?? { permission, names: [] };
      holders.set(key, entry);
      if (key !== describePermission(without)) entry.names.push(user);
    }
  }
  return [...holders.values()].flatMap(({ permission, names }, index) => [
    ...roleAndBinding(`permission-${String(index)}`, permission, names),
  ]);
}

function roleAndBinding(name: string, permission: Permission, users: readonly string[]): object[] {
  const { verb, group, resource, subresource, name: of, namespace } = permission;
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const resources = [subresource === undefined ? resource : `${resource}/${subresource}`];
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata,
      rules: [
        {
          apiGroups: [group],
          resources,
          verbs: [verb],
          ...(of === undefined ? {} : { resourceNames: [of] }),
        },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: users.map((user) => ({ kind: 'User', apiGroup: RBAC, name: user })),
    },
  ];
}

/** Whose request it was: the Action's own, or that of the istioctl it runs. */
export type Asker = 'Action' | 'istioctl';

/** What a user has asked for, by the permission that allows it; and what was refused. */
export interface Usage {
  readonly used: ReadonlyMap<string, ReadonlySet<Asker>>;
  /** In words of RBAC, each once: not allowed by any permission of the task. */
  readonly refused: readonly string[];
  /** Allowed, but by no permission of the task. */
  readonly beyond: readonly string[];
}

/** What every user may do by Kubernetes' default roles. */
const OPEN_TO_ALL = ['create selfsubjectaccessreviews.authorization.k8s.io'];

/** Reads from the audit log which of a task's permissions a user's requests have used. */
export function usageOf(task: Task, user: string, events: readonly AuditEvent[]): Usage {
  const used = new Map<string, Set<Asker>>();
  const refused = new Set<string>();
  const beyond = new Set<string>();
  const permissions = [...permissionsFor(task, ISTIO), ...wantedBy(task)];
  for (const event of events) {
    const asked = askedFor(event);
    if (event.user.username !== user || asked === undefined) continue;
    const wide = { ...asked };
    delete (wide as { namespace?: string }).namespace;
    const allowing = permissions.find(
      (item) => same(item, wide) || (asked.namespace !== undefined && same(item, asked)),
    );
    if (event.responseStatus?.code === 403) refused.add(describePermission(asked));
    else if (allowing !== undefined) {
      // What is asked for in the Istio namespace does not show that it is needed in all others.
      if (allowing.namespace === undefined && asked.namespace === ISTIO) continue;
      const key = describePermission(allowing);
      const asker = event.userAgent?.startsWith('istio-upgrade') === true ? 'Action' : 'istioctl';
      used.set(key, (used.get(key) ?? new Set()).add(asker));
    } else if (!OPEN_TO_ALL.includes(describePermission(asked))) beyond.add(describePermission(asked));
  }
  return { used, refused: [...refused].sort(), beyond: [...beyond].sort() };
}

function askedFor({ verb, objectRef }: AuditEvent): Permission | undefined {
  if (objectRef?.resource === undefined) return undefined;
  const { resource, subresource, name, namespace, apiGroup = '' } = objectRef;
  return {
    verb,
    group: apiGroup,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    // The one right that is about one object.
    ...(subresource === 'token' && name !== undefined ? { name } : {}),
    // An object of the whole cluster may carry its own name as namespace: a Namespace does.
    ...(namespace === undefined || resource === 'namespaces' ? {} : { namespace }),
  };
}

function same(a: Permission, b: Permission): boolean {
  return describePermission(a) === describePermission(b);
}
