import type { WorkloadObject } from '../cluster/objects.ts';
import { boundedText } from './text.ts';

/** How far a rollout is, by the rules of `kubectl rollout status`, but for OnDelete too (H30). */
export interface Rollout {
  readonly done: boolean;
  readonly desired: number;
  /** Replicas of the newest template that serve. */
  readonly updated: number;
  readonly available: number;
  /** What it waits for, empty when done. */
  readonly message: string;
  /** Why waiting can't help, by the controller's own word (M33). */
  readonly stuck?: string;
}

/** What of a workload says how far its rollout is. */
type Rolling = Pick<WorkloadObject, 'metadata' | 'status'> & {
  readonly spec: Pick<WorkloadObject['spec'], 'replicas' | 'updateStrategy'>;
};

export function rolloutOf(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet', object: Rolling): Rollout {
  const { status = {}, metadata, spec } = object;
  const desired = kind === 'DaemonSet' ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const updated = (kind === 'DaemonSet' ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;
  const total = (kind === 'DaemonSet' ? status.desiredNumberScheduled : status.replicas) ?? 0;
  const available =
    (kind === 'DaemonSet'
      ? status.numberAvailable
      : kind === 'StatefulSet'
        ? (status.availableReplicas ?? status.readyReplicas)
        : status.availableReplicas) ?? 0;
  // Pods below the partition keep the old template on purpose (M23).
  const kept = kind === 'StatefulSet' ? (spec.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
  const waiting = waitingFor({ seen, desired, updated, total, available, kept: Math.min(kept, desired) });
  const refused = seen && waiting !== '' ? refusedOf(object) : '';
  const message = refused === '' ? waiting : `${waiting}: ${refused}`;
  const stuck = seen && message !== '' ? stuckOf(kind, object) : undefined;
  return {
    done: message === '',
    desired,
    updated: Math.min(updated, available),
    available,
    message,
    ...(stuck === undefined ? {} : { stuck }),
  };
}

/** Every replica that is desired is there, of the newest template and available: done, and no less (M04). */
export function isHealthy(rollout: Rollout): boolean {
  return rollout.done && rollout.available >= rollout.desired;
}

function stuckOf(kind: string, { status }: Pick<WorkloadObject, 'status'>): string | undefined {
  if (kind !== 'Deployment') return undefined;
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.status !== 'False' || progressing.reason !== 'ProgressDeadlineExceeded') return undefined;
  return `ProgressDeadlineExceeded: ${boundedText(progressing.message) || 'the deployment made no progress in its time'}`;
}

/** Why the controller can't make pods, such as a quota: there is then no pod that could tell. */
function refusedOf({ status }: Pick<WorkloadObject, 'status'>): string {
  const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  return failure?.status === 'True' ? boundedText(failure.message) : '';
}

function waitingFor(is: {
  readonly seen: boolean;
  readonly desired: number;
  readonly updated: number;
  readonly total: number;
  readonly available: number;
  readonly kept: number;
}): string {
  if (!is.seen) return 'the controller has not seen the change yet';
  const toUpdate = is.desired - is.kept;
  if (is.updated < toUpdate) return `${String(is.updated)} of ${String(toUpdate)} replicas are new`;
  const old = is.total - is.updated - is.kept;
  if (old > 0) return `${String(old)} old replicas are still there`;
  if (is.available < is.desired)
    return `${String(is.available)} of ${String(is.desired)} replicas are available`;
  return '';
}
