import { KINDS } from '../kinds.ts';
import type { KubeObject, Pod } from '../objects.ts';
import { Refusal, unknown } from './refusal.ts';
import type { Store } from './store.ts';

interface Spec {
  readonly hard?: Readonly<Record<string, string | number>>;
}

/** Only the number of pods is understood. */
export function checkQuota({ spec }: KubeObject): void {
  const { hard = {}, ...others } = (spec ?? {}) as Spec;
  const strange = [...Object.keys(hard).filter((name) => name !== 'pods'), ...Object.keys(others)];
  if (strange.length > 0) throw unknown(`"${strange.join('", "')}" of a ResourceQuota`);
}

/** Refuses a pod, also of a dry run, for which its namespace has no room (case M26). */
export function checkRoom(store: Store, { metadata: { name, namespace } }: Pod): void {
  for (const { metadata, spec } of store.list(KINDS.ResourceQuota, namespace)) {
    const limit = (spec as Spec).hard?.pods;
    const used = limit === undefined ? 0 : store.list(KINDS.Pod, namespace).length;
    if (limit === undefined || used < Number(limit)) continue;
    throw new Refusal(
      403,
      'Forbidden',
      `pods "${name}" is forbidden: exceeded quota: ${metadata.name}, requested: pods=1, used: pods=${used}, limited: pods=${limit}`,
    );
  }
}
