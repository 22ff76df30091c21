import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import type { Pod, Status, Workload } from '../objects.ts';
import { claimVolumes, makeClaims } from './claims.ts';
import { counts } from './deployment.ts';
import { nodeFor } from './nodes.ts';
import { isReady } from './pod-status.ts';
import { endPod, hashLabel, hashValue, isCurrent, makePod, ownedBy } from './pods.ts';

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}

/** One pod after the other: made from the first to the last, replaced from the last to the first. */
export function reconcileStatefulSet(store: Store, verbs: Verbs, workload: Workload): void {
  const wanted = workload.spec.replicas ?? 1;
  const { pods, ending } = ownedBy(store, workload);
  const surplus = pods.filter((pod) => ordinalOf(pod) >= wanted);
  surplus.forEach((pod) => endPod(verbs, pod));
  const ordered = workload.spec.podManagementPolicy !== 'Parallel';
  // In order, a pod that never gets ready is waited for, even if the new template would heal it (kubernetes#67250).
  if (surplus.length > 0 || ending.length > 0 || (ordered && !pods.every(isReady))) return;
  const missing = Array.from({ length: wanted }, (_, ordinal) => ordinal).find(
    (ordinal) => !pods.some((pod) => ordinalOf(pod) === ordinal),
  );
  if (missing !== undefined) {
    const name = `${workload.metadata.name}-${missing}`;
    makeClaims(store, verbs, workload, name);
    makePod(verbs, workload, {
      name,
      volumes: claimVolumes(workload, name),
      labels: {
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(missing),
      },
      nodeName: nodeFor(missing),
    });
    return;
  }
  const { type, rollingUpdate } = workload.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return;
  const behind = pods
    .filter((pod) => !isCurrent(pod, workload) && ordinalOf(pod) >= (rollingUpdate?.partition ?? 0))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  if (pods.some((pod) => isCurrent(pod, workload) && !isReady(pod))) return;
  if (behind[0] !== undefined) endPod(verbs, behind[0]);
}

export function statefulSetStatus(workload: Workload, pods: readonly Pod[]): Status {
  const wanted = workload.spec.replicas ?? 1;
  const updateRevision = hashValue(workload);
  const updated = pods.filter((pod) => isCurrent(pod, workload)).length;
  const ready = pods.filter(isReady).length;
  const old = pods.find((pod) => !isCurrent(pod, workload))?.metadata.labels?.[hashLabel(workload)];
  const before = workload.status?.currentRevision as string | undefined;
  const done = updated === wanted && ready === wanted;
  return {
    observedGeneration: workload.metadata.generation,
    replicas: pods.length,
    availableReplicas: ready,
    ...counts({
      readyReplicas: ready,
      updatedReplicas: updated,
      currentReplicas: done ? updated : pods.length - updated,
    }),
    currentRevision: done ? updateRevision : (old ?? before ?? updateRevision),
    updateRevision,
    collisionCount: 0,
  };
}
