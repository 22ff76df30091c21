import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import type { Pod, Status, Workload } from '../objects.ts';
import { nodeFor } from './nodes.ts';
import { isReady } from './pod-status.ts';
import { endPod, isCurrent, makePod, ownedBy } from './pods.ts';

/** What a Deployment's controller does next: pods of the new template to make, pods to end. */
export interface Turn {
  readonly make: number;
  readonly end: readonly Pod[];
}

/**
 * A rolling update with the default bounds: at most a quarter (rounded up) more pods than wanted, at most a quarter
 * (rounded down) fewer that are ready. Pods that are not ready go first.
 */
export function nextTurn(workload: Workload, pods: readonly Pod[]): Turn {
  const wanted = workload.spec.replicas ?? 1;
  const fresh = pods.filter((pod) => isCurrent(pod, workload));
  const old = pods.filter((pod) => !isCurrent(pod, workload));
  if (workload.spec.paused === true && old.length > 0) return { make: 0, end: [] };
  const surge = Math.ceil(wanted / 4);
  const make = Math.max(0, Math.min(wanted - fresh.length, wanted + surge - pods.length));
  const surplus = byReadiness(fresh).slice(0, Math.max(0, fresh.length - wanted));
  // How many of the old ones may go: those that are not missed by the bound below.
  const ready = fresh.filter(isReady).length;
  const least = wanted - Math.floor(wanted / 4);
  const unreadyOld = old.filter((pod) => !isReady(pod));
  const readyOld = old.filter(isReady);
  const spare = Math.max(0, ready + readyOld.length - least);
  return { make, end: [...surplus, ...unreadyOld, ...readyOld.slice(0, spare)] };
}

function byReadiness(pods: readonly Pod[]): Pod[] {
  return [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b)));
}

export function reconcileDeployment(store: Store, verbs: Verbs, workload: Workload): void {
  const { pods } = ownedBy(store, workload);
  const { make, end } = nextTurn(workload, pods);
  end.forEach((pod) => endPod(verbs, pod));
  for (let made = 0; made < make; made++) makePod(verbs, workload, { nodeName: nodeFor(pods.length + made) });
}

export function deploymentStatus(
  workload: Workload,
  pods: readonly Pod[],
  failure: string | undefined,
): Status {
  const wanted = workload.spec.replicas ?? 1;
  const updated = pods.filter((pod) => isCurrent(pod, workload)).length;
  const ready = pods.filter(isReady).length;
  const least = wanted - Math.floor(wanted / 4);
  const available = ready >= least;
  return {
    observedGeneration: workload.metadata.generation,
    ...counts({
      replicas: pods.length,
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
    }),
    ...counts({ unavailableReplicas: Math.max(0, wanted - ready) }),
    conditions: [
      {
        type: 'Available',
        status: available ? 'True' : 'False',
        reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      },
      {
        type: 'Progressing',
        status: 'True',
        reason: updated === wanted && ready >= wanted ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
      },
      ...(failure === undefined
        ? []
        : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure }]),
    ],
  };
}

/** As Kubernetes has it: a count of zero is left out. */
export function counts(numbers: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count !== 0));
}
