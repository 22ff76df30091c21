import type { RunRequest, RunResult } from '../../scripts/run-action.ts';
import type { ClusterObject } from '../support/normalise.ts';
import type { Ended } from '../support/testbed.ts';
import type { Api } from './api.ts';
import type { ClusterKind, MeshRevision } from './scenario.ts';

/** A request as the API server has seen it. */
export interface SeenRequest {
  readonly what: string;
  /** It asked to change something for good, whatever came of it. */
  readonly persists: boolean;
}

/** What the runner needs of a cluster: the port that both clusters have a driver for. */
export interface SuiteCluster {
  readonly kind: ClusterKind;
  readonly mesh: MeshRevision;
  /** Content of a kubeconfig with one cluster and one user. `viewer` is bound to nothing. */
  kubeconfig(user: 'admin' | 'viewer'): string;
  /** Where istioctl is downloaded from; below `corrupt` the same with wrong checksums. */
  readonly mirror: string;
  /** Values of the input `timeout`: for what is to end well, and for what is to run into it. */
  readonly timeouts: { readonly long: string; readonly short: string };
  /** Talks to the API server as an administrator. */
  readonly api: Api;
  /** All objects there are, of all kinds that can be listed but those. */
  everything(ignored: readonly string[]): Promise<ClusterObject[]>;
  /** Runs the built Action against it. */
  action(request: Omit<RunRequest, 'launcher'>): Promise<RunResult>;
  /** Runs its istioctl of a version, as an administrator. */
  istioctl(version: string, args: readonly string[]): Promise<Ended>;
  /** What the Action and its istioctl asked the API server for, since a mark. */
  readonly requests: { mark(): number; since(mark: number): readonly SeenRequest[] };
  close(): Promise<void>;
}

/** Starts a cluster with a mesh and the shop in it. */
export type StartCluster = (mesh: MeshRevision) => Promise<SuiteCluster>;
