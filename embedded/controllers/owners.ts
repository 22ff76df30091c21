import type { Store } from '../api/store.ts';
import { type Verbs, suffix } from '../api/verbs.ts';
import { KINDS, type Kind } from '../kinds.ts';
import type { Job, Pod, ReplicaSet, Status } from '../objects.ts';
import { nodeFor } from './nodes.ts';
import { isReady } from './pod-status.ts';
import { endPod } from './pods.ts';

/** What keeps so many pods of its template and never replaces one that runs: a ReplicaSet or a Job. */
export type Keeper = ReplicaSet | Job;

/** The kinds of keepers that are objects; a Deployment's ReplicaSets are none here. */
export const KEEPERS = [KINDS.ReplicaSet, KINDS.Job] as const satisfies readonly Kind<Keeper>[];

/** Its pods, those that are ending too. */
export function keptBy(store: Store, { metadata }: Keeper): Pod[] {
  return store
    .list(KINDS.Pod, metadata.namespace)
    .filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true);
}

/** Makes the pods that are missing, as the template is now, and ends those that are too many. */
export function reconcileKeeper(store: Store, verbs: Verbs, keeper: Keeper): void {
  const wanted = wantedOf(keeper);
  const pods = keptBy(store, keeper).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  pods.slice(wanted).forEach((pod) => endPod(verbs, pod));
  for (let count = pods.length; count < wanted; count++) makeKept(verbs, keeper, count);
}

function wantedOf(keeper: Keeper): number {
  if (isJob(keeper)) return keeper.spec.suspend === true ? 0 : (keeper.spec.parallelism ?? 1);
  return keeper.spec.replicas ?? 1;
}

function isJob(keeper: Keeper): keeper is Job {
  return keeper.kind === 'Job';
}

function makeKept(verbs: Verbs, { apiVersion, kind, metadata, spec: { template } }: Keeper, index: number) {
  const { name, uid, namespace } = metadata;
  const own = kind === 'Job' ? { 'batch.kubernetes.io/job-name': name, 'job-name': name } : {};
  const { annotations } = template.metadata ?? {};
  verbs.create(
    { kind: KINDS.Pod, namespace },
    {
      metadata: {
        name: `${name}-${suffix()}`,
        labels: { ...template.metadata?.labels, ...own },
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
      },
      spec: { ...template.spec, nodeName: nodeFor(index) },
    },
    { dryRun: false },
  );
}

/** Its account of the pods that are not ending. */
export function keeperStatus(keeper: Keeper, pods: readonly Pod[]): Status {
  const here = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const ready = here.filter(isReady).length;
  // A Job's pods run until somebody deletes them: nothing here ever completes.
  if (isJob(keeper)) return here.length === 0 ? {} : { active: here.length, ready };
  return {
    observedGeneration: keeper.metadata.generation,
    replicas: here.length,
    ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
  };
}
