import type { Check } from '../checks/check.ts';
import type { Step } from '../engine/step.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Outcome, Phase, UpgradeState } from '../outcome.ts';
import type { Intent } from '../record/record.ts';

/** A phase that may change the cluster, as data. */
export interface ChangingPhase {
  readonly id: Phase;
  /** What the record says is under way. */
  readonly intent: Intent;
  /** States from which it may start; any other is refused. */
  readonly states: readonly UpgradeState[];
  /** Must hold before anything is touched. */
  readonly checks: readonly Check[];
  /** Whether it installs a control plane: then what the configuration renders is looked at before anything is decided. */
  readonly installs: boolean;
  /** @param rendered what the configuration installs; empty where the phase does not install */
  readonly steps: (inputs: Inputs, rendered: readonly RenderedObject[]) => readonly Step[];
  /** Outcome when it did its work. */
  readonly outcome: Outcome;
  /** A rollback asks another run to stop, and takes over (H68). */
  readonly insists: boolean;
}
