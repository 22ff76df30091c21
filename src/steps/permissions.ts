import type { Cluster, Permission } from '../cluster/cluster.ts';
import type { Finding } from '../finding.ts';
import { firstOf } from '../istio/first-of.ts';

const CONCURRENCY = 16;
/** So many permissions are named one by one. */
const NAMED = 10;

/** Asks for each permission, and gives those that are missing. */
export async function missingPermissions(
  cluster: Cluster,
  permissions: readonly Permission[],
): Promise<Permission[]> {
  const missing = new Set<Permission>();
  const queue = [...permissions];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await cluster.may(next))) missing.add(next);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return permissions.filter((permission) => missing.has(permission));
}

/** `patch deployments.apps in namespace shop`, `create serviceaccounts/token default in namespace istio-system`. */
export function describePermission({
  verb,
  group,
  resource,
  subresource,
  name,
  namespace,
}: Permission): string {
  const full = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${full}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

/** The finding for one that is missing. */
export function permissionMissing(permission: Permission, remedy: string): Finding {
  return {
    id: 'permission-missing',
    severity: 'error',
    message: `this credential may not ${describePermission(permission)}`,
    remedy,
  };
}

/** The finding for all that are missing before a task begins: one cause, one finding (69 of them are one missing role). */
export function permissionsMissing(missing: readonly Permission[], task: string): Finding {
  return {
    id: 'permission-missing',
    severity: 'error',
    message: `this credential may not ${firstOf(missing.map(describePermission), NAMED)}`,
    remedy: `Bind its user to roles/${task}.yaml (docs/permissions.md). Nothing was touched.`,
  };
}
