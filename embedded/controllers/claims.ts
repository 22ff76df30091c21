import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import { KINDS } from '../kinds.ts';
import type { Workload } from '../objects.ts';

/** A volume of a pod that is a claim. */
export interface ClaimVolume {
  readonly name: string;
  readonly persistentVolumeClaim: { readonly claimName: string };
}

/** The volumes that stand for a StatefulSet's `volumeClaimTemplates` in a pod of its. */
export function claimVolumes({ spec }: Workload, pod: string): ClaimVolume[] {
  return (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${pod}` },
  }));
}

/** Makes the claims of a pod that are not there yet. They outlive the pod, and the StatefulSet. */
export function makeClaims(store: Store, verbs: Verbs, { metadata, spec }: Workload, pod: string): void {
  const place = { kind: KINDS.PersistentVolumeClaim, namespace: metadata.namespace };
  for (const template of spec.volumeClaimTemplates ?? []) {
    const name = `${template.metadata.name}-${pod}`;
    if (store.get(place.kind, place.namespace, name) !== undefined) continue;
    const labels = { ...template.metadata.labels, ...spec.selector.matchLabels };
    verbs.create(place, { metadata: { name, labels }, spec: template.spec }, { dryRun: false });
  }
}

/** Binds every claim that waits, as a provisioner does. */
export function bindClaims(store: Store): void {
  for (const claim of store.list(KINDS.PersistentVolumeClaim)) {
    if ((claim.status as { phase?: string } | undefined)?.phase === 'Bound') continue;
    const spec = { ...(claim.spec as object), volumeName: `pvc-${claim.metadata.uid}` };
    store.put(KINDS.PersistentVolumeClaim, { ...claim, spec, status: { phase: 'Bound' } });
  }
}
