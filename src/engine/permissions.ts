import type { Cluster, Permission } from '../cluster/cluster.ts';
import type { Finding } from '../finding.ts';

const CONCURRENCY = 16;

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
