import { KINDS } from '../kinds.ts';
import type { RoleBinding, Rule } from '../objects.ts';
import type { Store } from './store.ts';

/** Somebody whose credential was taken. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** One thing that somebody wants to do; a namespace is missing where it is about all of them, or about none. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** May do everything, as `cluster-admin` may. */
export const MASTERS = 'system:masters';

/** Whether RBAC allows it: by the roles that are bound to the user in the whole cluster, or in that namespace. */
export function allows(store: Store, user: User, attributes: Attributes): boolean {
  if (user.groups.includes(MASTERS)) return true;
  const bindings = [
    ...store.list(KINDS.ClusterRoleBinding),
    ...(attributes.namespace === undefined ? [] : store.list(KINDS.RoleBinding, attributes.namespace)),
  ];
  return bindings
    .filter(({ subjects = [] }) => subjects.some((subject) => isUser(subject, user)))
    .flatMap((binding) => rulesOf(store, binding))
    .some((rule) => covers(rule, attributes));
}

function isUser({ kind, name }: { kind: string; name: string }, user: User): boolean {
  return (kind === 'User' && name === user.name) || (kind === 'Group' && user.groups.includes(name));
}

function rulesOf(store: Store, { metadata, roleRef }: RoleBinding): readonly Rule[] {
  const role =
    roleRef.kind === 'ClusterRole'
      ? store.get(KINDS.ClusterRole, undefined, roleRef.name)
      : store.get(KINDS.Role, metadata.namespace, roleRef.name);
  return role?.rules ?? [];
}

function covers(rule: Rule, { verb, group, resource, subresource, name }: Attributes): boolean {
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const has = (list: readonly string[] | undefined, wanted: string): boolean =>
    list !== undefined && (list.includes(wanted) || list.includes('*'));
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    has(rule.resources, full) &&
    (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

/** What Kubernetes says to somebody who may not. */
export function forbidden(
  { name }: User,
  { verb, group, resource, subresource, namespace }: Attributes,
): string {
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${full}${group === '' ? '' : `.${group}`} is forbidden: User "${name}" cannot ${verb} resource "${full}" in API group "${group}" ${where}`;
}
