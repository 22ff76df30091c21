import type { KubernetesObject } from '../cluster/objects.ts';

/**
 * What of an object its configuration decides, as text that is the same for the object as rendered and as it is on the
 * cluster; undefined for kinds that nobody compares.
 */
export function contentOf(object: KubernetesObject): string | undefined {
  const { kind, data } = object as KubernetesObject & { readonly data?: Readonly<Record<string, string>> };
  return kind === 'ConfigMap' ? JSON.stringify(Object.entries(data ?? {}).sort()) : undefined;
}
