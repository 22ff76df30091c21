import type { RunRequest } from '../scripts/run-action.ts';
import type { ClusterObject } from '../test/support/normalise.ts';
import type { DemoObject } from './shop.ts';

/** What the demo needs of a cluster. */
export interface DemoCluster {
  /** What it is, for people. */
  readonly title: string;
  /** What a run of the Action has to be given beside its inputs. */
  readonly run: Pick<RunRequest, 'env' | 'launcher'>;
  readonly kubeconfig: string;
  /** Where istioctl comes from. */
  readonly mirror: string;
  /** Every object that lasts: without pods, leases and the like. */
  objects(): Promise<ClusterObject[]>;
  pods(): Promise<ClusterObject[]>;
  /** Changes a Deployment's pod template, and waits until its pods are of it and ready. */
  annotate(
    namespace: string,
    deployment: string,
    annotations: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Requests since a mark that asked to change something for good. */
  readonly writes: { mark(): number; since(mark: number): readonly string[] };
  close(): Promise<void>;
}

/** Starts a cluster with Istio of a version, as a revision, and objects in it that are all ready. */
export type StartDemoCluster = (
  mesh: { readonly version: string; readonly revision: string },
  objects: readonly DemoObject[],
) => Promise<DemoCluster>;
