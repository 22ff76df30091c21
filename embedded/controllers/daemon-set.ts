import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import type { Pod, Status, Workload } from '../objects.ts';
import { counts } from './deployment.ts';
import { NODES } from './nodes.ts';
import { isReady } from './pod-status.ts';
import { endPod, isCurrent, makePod, ownedBy } from './pods.ts';

/** A pod on each node; an old one goes when all others are ready, and makes room for its successor. */
export function reconcileDaemonSet(store: Store, verbs: Verbs, workload: Workload): void {
  const { pods, ending } = ownedBy(store, workload);
  const taken = [...pods, ...ending].map(({ spec }) => spec.nodeName);
  for (const nodeName of NODES.filter((node) => !taken.includes(node)))
    makePod(verbs, workload, { nodeName });
  if (workload.spec.updateStrategy?.type === 'OnDelete') return;
  const old = pods.filter((pod) => !isCurrent(pod, workload));
  const unready = old.find((pod) => !isReady(pod));
  const settled = taken.length === NODES.length && ending.length === 0 && pods.every(isReady);
  const next = unready ?? (settled ? old[0] : undefined);
  if (next !== undefined) endPod(verbs, next);
}

export function daemonSetStatus(workload: Workload, pods: readonly Pod[]): Status {
  const ready = pods.filter(isReady).length;
  return {
    observedGeneration: workload.metadata.generation,
    desiredNumberScheduled: NODES.length,
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    numberReady: ready,
    ...counts({
      updatedNumberScheduled: pods.filter((pod) => isCurrent(pod, workload)).length,
      numberAvailable: ready,
      numberUnavailable: NODES.length - ready,
    }),
  };
}
