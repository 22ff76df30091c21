import { DEFAULT_TAG, LABEL_REVISION } from './names.ts';
import type { Mesh } from './mesh.ts';

/** What decides which istiods make the workload of a Gateway. */
export type Claiming = Pick<Mesh, 'planes' | 'tags' | 'namespaces' | 'defaultValidator'>;

/**
 * The revisions whose istiods make and roll the workload of a Gateway of the Kubernetes Gateway API: its own label
 * `istio.io/rev` names a revision or a tag, else its namespace's does, else it follows the default (Istio's
 * pkg/revisions `TagWatcher.IsMine`; `istio-injection` does not count). That is not the rule of injection.
 *
 * One in a healthy mesh. An istiod without a revision is called `default` and takes whatever follows the default, also
 * once the default tag leads elsewhere: then two istiods write the same Deployment in turn and roll it without end.
 *
 * @param label the Gateway's own; undefined or null where it has none
 */
export function claimants(
  { planes, tags, namespaces, defaultValidator }: Claiming,
  namespace: string,
  label: string | null | undefined,
): string[] {
  const chosen = label ?? namespaces.find(({ name }) => name === namespace)?.labels[LABEL_REVISION] ?? '';
  const defaultTag = tags.some(({ tag }) => tag === DEFAULT_TAG);
  return planes
    .map(({ revision }) => revision)
    .filter((revision) => {
      const names = new Set([
        revision,
        ...tags.filter((tag) => tag.revision === revision || tag.service === revision).map(({ tag }) => tag),
      ]);
      if (chosen !== '') return names.has(chosen);
      return names.has(DEFAULT_TAG) || (!defaultTag && defaultValidator === revision);
    })
    .sort();
}
