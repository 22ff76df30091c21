import type { WorkloadObject } from '../cluster/objects.ts';

/** How far a rollout is, by the rules of `kubectl rollout status`, but for OnDelete too (H30). */
export interface Rollout {
  readonly done: boolean;
  readonly desired: number;
  /** Replicas of the newest template that serve. */
  readonly updated: number;
  /** What it waits for, empty when done. */
  readonly message: string;
}

export function rolloutOf(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet', object: WorkloadObject): Rollout {
  const { status = {}, metadata, spec } = object;
  const desired = kind === 'DaemonSet' ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const updated = (kind === 'DaemonSet' ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;
  const total = (kind === 'DaemonSet' ? status.desiredNumberScheduled : status.replicas) ?? 0;
  const available =
    (kind === 'DaemonSet'
      ? status.numberAvailable
      : kind === 'StatefulSet'
        ? status.readyReplicas
        : status.availableReplicas) ?? 0;
  const message = waitingFor({ seen, desired, updated, total, available });
  return { done: message === '', desired, updated: Math.min(updated, available), message };
}

function waitingFor(is: {
  readonly seen: boolean;
  readonly desired: number;
  readonly updated: number;
  readonly total: number;
  readonly available: number;
}): string {
  if (!is.seen) return 'the controller has not seen the change yet';
  if (is.updated < is.desired) return `${String(is.updated)} of ${String(is.desired)} replicas are new`;
  if (is.total > is.updated) return `${String(is.total - is.updated)} old replicas are still there`;
  if (is.available < is.desired)
    return `${String(is.available)} of ${String(is.desired)} replicas are available`;
  return '';
}

/** Whether every replica that is wanted is there, of the newest template, and serves. */
export function isHealthy({ done }: Rollout): boolean {
  return done;
}
