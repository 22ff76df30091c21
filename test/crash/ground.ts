import type { ClusterObject } from '../support/normalise.ts';

/** The clusters that a crash matrix can be played on. */
export const GROUNDS = ['testbed', 'embedded'] as const;
export type GroundKind = (typeof GROUNDS)[number];

/** The cluster that a stage stands on: the port that both clusters have a driver for. */
export interface Ground {
  /** The testbed's cluster in whose network everything runs; undefined: all is in this machine's. */
  readonly cluster: string | undefined;
  /** Brings it up, with Istio and some objects, and waits until all pods are ready. Revision undefined: none. */
  open(revision: string | undefined, objects: readonly object[]): Promise<void>;
  /** Content of an administrator's kubeconfig. */
  kubeconfig(): string;
  /** Where istioctl is downloaded from. */
  mirror(): string;
  /** What the Action needs in its environment here. */
  readonly env: Readonly<Record<string, string>>;
  /** All objects, Pods and Leases too, but what `IGNORED_KINDS` names beside them. */
  everything(): Promise<readonly ClusterObject[]>;
  /** Keeps a copy of everything, under a name. */
  save(copy: string): Promise<void>;
  /** Puts it back to a copy. */
  restore(copy: string): Promise<void>;
  /** Takes the holder out of the Action's Lease; none is fine. */
  freeLock(): Promise<void>;
  /** Takes it away, also one that is still coming up. */
  close(): Promise<void>;
}
