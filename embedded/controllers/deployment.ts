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
 * A rolling update within its bounds: at most so many more pods than wanted, at most so many fewer that are ready. Pods
 * that are not ready go first. With `Recreate` all old ones go before the first new one comes.
 */
export function nextTurn(workload: Workload, pods: readonly Pod[]): Turn {
  const wanted = workload.spec.replicas ?? 1;
  const fresh = pods.filter((pod) => isCurrent(pod, workload));
  const old = pods.filter((pod) => !isCurrent(pod, workload));
  if (workload.spec.paused === true && old.length > 0) return { make: 0, end: [] };
  if (workload.spec.strategy?.type === 'Recreate' && old.length > 0) return { make: 0, end: pods };
  const { surge, unavailable } = boundsOf(workload);
  const make = Math.max(0, Math.min(wanted - fresh.length, wanted + surge - pods.length));
  const surplus = byReadiness(fresh).slice(0, Math.max(0, fresh.length - wanted));
  // How many of the old ones may go: those that are not missed by the bound below.
  const ready = fresh.filter(isReady).length;
  const least = wanted - unavailable;
  const unreadyOld = old.filter((pod) => !isReady(pod));
  const readyOld = old.filter(isReady);
  const spare = Math.max(0, ready + readyOld.length - least);
  return { make, end: [...surplus, ...unreadyOld, ...readyOld.slice(0, spare)] };
}

interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** A quarter each where nothing is said: the surge rounded up, what may be missed rounded down; never both none. */
function boundsOf({ spec: { replicas = 1, strategy } }: Workload): Bounds {
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const share = (bound: number | string): number =>
    typeof bound === 'number' ? bound : (replicas * Number(bound.replace('%', ''))) / 100;
  const surge = Math.ceil(share(maxSurge));
  const unavailable = Math.floor(share(maxUnavailable));
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

function byReadiness(pods: readonly Pod[]): Pod[] {
  return [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b)));
}

export function reconcileDeployment(store: Store, verbs: Verbs, workload: Workload): void {
  const { pods, ending } = ownedBy(store, workload);
  const recreated = workload.spec.strategy?.type === 'Recreate';
  if (recreated && ending.some((pod) => !isCurrent(pod, workload))) return;
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
  const least = wanted - (workload.spec.strategy?.type === 'Recreate' ? 0 : boundsOf(workload).unavailable);
  const available = ready >= least;
  const account = {
    observedGeneration: workload.metadata.generation,
    ...counts({
      replicas: pods.length,
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
    }),
    ...counts({ unavailableReplicas: Math.max(0, wanted - ready) }),
  };
  return {
    ...account,
    conditions: [
      {
        type: 'Available',
        status: available ? 'True' : 'False',
        reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      },
      progressOf(workload, account, updated === wanted && ready >= wanted),
      ...(failure === undefined
        ? []
        : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure }]),
    ],
  };
}

/** Whether the rollout gets on: a rollout whose counts have stood still for `progressDeadlineSeconds` does not. */
function progressOf({ spec, status = {} }: Workload, account: Status, done: boolean): object {
  const { conditions = [] } = status as { conditions?: readonly { type: string; lastUpdateTime?: string }[] };
  const before = conditions.find(({ type }) => type === 'Progressing')?.lastUpdateTime;
  const moved = Object.entries(account).some(([name, value]) => status[name] !== value);
  const lastUpdateTime = moved || before === undefined ? new Date().toISOString() : before;
  const still = Date.now() - Date.parse(lastUpdateTime) >= (spec.progressDeadlineSeconds ?? 600) * 1000;
  const reason = still ? 'ProgressDeadlineExceeded' : 'ReplicaSetUpdated';
  if (done) return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', lastUpdateTime };
  return { type: 'Progressing', status: still ? 'False' : 'True', reason, lastUpdateTime };
}

/** As Kubernetes has it: a count of zero is left out. */
export function counts(numbers: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count !== 0));
}
