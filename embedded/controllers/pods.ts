import { createHash } from 'node:crypto';
import type { Store } from '../api/store.ts';
import { type Verbs, suffix } from '../api/verbs.ts';
import { KINDS } from '../kinds.ts';
import type { OwnerReference, Pod, PodTemplate, Workload } from '../objects.ts';

/** The pods of a workload that are there, those that are just ending left out. */
export interface Owned {
  readonly pods: readonly Pod[];
  /** Those that are ending, which still hold their names and nodes. */
  readonly ending: readonly Pod[];
}

const hashes = new WeakMap<PodTemplate, string>();

/** Ten characters that stand for a template: another template, other characters. */
export function hashOf(template: PodTemplate): string {
  const known = hashes.get(template);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const hash = [...digest.subarray(0, 10)].map((byte) => letters[byte % letters.length]).join('');
  hashes.set(template, hash);
  return hash;
}

/** Who owns a pod: a Deployment through a ReplicaSet that is named after it and the template's hash. */
export function ownerOf(workload: Workload, hash: string): OwnerReference {
  const { uid, name } = workload.metadata;
  const replicated = workload.kind === 'Deployment';
  return {
    apiVersion: 'apps/v1',
    kind: replicated ? 'ReplicaSet' : workload.kind,
    name: replicated ? `${name}-${hash}` : name,
    // There are no ReplicaSets here; what would be one's uid follows from the Deployment's.
    uid: replicated ? `${uid}-${hash}` : uid,
    controller: true,
  };
}

/** The label that tells which template a pod was made of. */
export function hashLabel(workload: Workload): string {
  return workload.kind === 'Deployment' ? 'pod-template-hash' : 'controller-revision-hash';
}

/** The value of that label: a Deployment's is the hash alone, the others' carry the name. */
export function hashValue(workload: Workload): string {
  const hash = hashOf(workload.spec.template);
  return workload.kind === 'StatefulSet' ? `${workload.metadata.name}-${hash}` : hash;
}

export function ownedBy(store: Store, workload: Workload): Owned {
  const all = store.list(KINDS.Pod, workload.metadata.namespace).filter((pod) => isOwned(pod, workload));
  return {
    pods: all.filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    ending: all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined),
  };
}

export function isOwned({ metadata }: Pod, workload: Workload): boolean {
  const hash = metadata.labels?.[hashLabel(workload)] ?? '';
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.uid === ownerOf(workload, hash).uid;
}

/** Whether a pod was made of the template as it is now. */
export function isCurrent({ metadata }: Pod, workload: Workload): boolean {
  return metadata.labels?.[hashLabel(workload)] === hashValue(workload);
}

/** What one pod is made with beside the template. */
export interface PodTraits {
  /** Undefined for a name that is generated. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly nodeName: string;
  /** Take the place of the template's of the same name. */
  readonly volumes?: readonly { readonly name: string }[];
}

/** Makes a pod of a workload's template; throws Refusal when admission refuses it. */
export function makePod(
  verbs: Verbs,
  workload: Workload,
  { name, labels, nodeName, volumes = [] }: PodTraits,
): void {
  const { template } = workload.spec;
  const hash = hashValue(workload);
  const owner = ownerOf(workload, hash);
  const others = (template.spec.volumes ?? []).filter(
    (volume) => !volumes.some((own) => own.name === volume.name),
  );
  const withOwn = [...volumes, ...others];
  verbs.create(
    { kind: KINDS.Pod, namespace: workload.metadata.namespace },
    {
      metadata: {
        name: name ?? `${owner.name}-${suffix()}`,
        labels: { ...template.metadata?.labels, [hashLabel(workload)]: hash, ...labels },
        ...(template.metadata?.annotations === undefined
          ? {}
          : { annotations: template.metadata.annotations }),
        ownerReferences: [owner],
      },
      spec: { ...template.spec, nodeName, ...(volumes.length > 0 ? { volumes: withOwn } : {}) },
    },
    { dryRun: false },
  );
}

/** Tells a pod to end. */
export function endPod(verbs: Verbs, { metadata }: Pod): void {
  verbs.remove({ kind: KINDS.Pod, namespace: metadata.namespace }, metadata.name, { dryRun: false });
}
