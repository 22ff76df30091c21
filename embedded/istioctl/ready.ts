/** What a Deployment or DaemonSet says of its pods. */
export interface Rollout {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/**
 * Whether istioctl waits no longer: once as many pods of the newest template are ready as are wanted. Those of the old one
 * don't count (1.31: operator/pkg/install/wait.go, which looks at the newest ReplicaSet alone).
 */
export function isReady({ metadata, spec, status = {} }: Rollout): boolean {
  const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
  const updated = status.updatedReplicas ?? status.updatedNumberScheduled ?? 0;
  const old = Math.max(0, (status.replicas ?? 0) - updated);
  return (
    (status.observedGeneration ?? 0) >= metadata.generation &&
    updated >= wanted &&
    (status.readyReplicas ?? status.numberReady ?? 0) - old >= wanted
  );
}
