import type { Cluster, Permission } from '../cluster/cluster.ts';
import type { Finding } from '../finding.ts';

const CONCURRENCY = 16;

/** Asks for each permission, and tells those that are missing, by verb and resource. */
export async function missingPermissions(
  cluster: Cluster,
  permissions: readonly Permission[],
): Promise<Finding[]> {
  const missing = new Set<Permission>();
  const queue = [...permissions];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await cluster.may(next))) missing.add(next);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return permissions.filter((permission) => missing.has(permission)).map(toFinding);
}

function toFinding({ verb, group, resource, subresource, namespace }: Permission): Finding {
  const full = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return {
    id: 'permission-missing',
    severity: 'error',
    message: `this credential may not ${verb} ${full}${namespace === undefined ? '' : ` in namespace ${namespace}`}`,
    remedy: 'Grant it (docs/permissions.md has the role of each phase). Nothing was touched.',
  };
}
