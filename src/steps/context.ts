import type { Cluster } from '../cluster/cluster.ts';
import type { Inputs } from '../inputs.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { Istioctl } from '../istioctl/istioctl.ts';
import type { Logger } from '../log.ts';
import type { BinaryProof } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import type { Upgrade } from '../decide/upgrade.ts';

/** An istioctl whose version and checksum were proved. */
export interface ProvedIstioctl {
  readonly istioctl: Istioctl;
  readonly proof: BinaryProof;
}

/** What a step may use. */
export interface Context {
  readonly inputs: Inputs;
  /** Fenced by the Lease: a write throws once the lock is lost. */
  readonly cluster: Cluster;
  /** The target version's istioctl, and the current one's. */
  readonly istioctl: { readonly to: ProvedIstioctl; readonly from: ProvedIstioctl };
  readonly upgrade: Upgrade;
  readonly report: Report;
  readonly log: Logger;
  /** URL of this run, for the record. */
  readonly runUrl: string;
  /** Fires when the run is cancelled, out of time, or has lost the lock. */
  readonly signal: AbortSignal;
  /** Milliseconds that the current step still has. */
  readonly remainingMs: () => number;
  /** The mesh as it is now. */
  readonly observe: () => Promise<Mesh>;
}
