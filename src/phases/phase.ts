import type { Beginning } from '../decide/decide.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Outcome, Phase } from '../outcome.ts';
import type { Intent } from '../record/record.ts';
import type { Step } from '../steps/step.ts';

/** A phase that may change the cluster, as data. */
export interface ChangingPhase extends Beginning {
  readonly id: Exclude<Phase, 'precheck'>;
  /** What the record says is under way. */
  readonly intent: Intent;
  /** Whose istiods are asked who is connected, before anything is decided. */
  readonly asks: readonly ('from' | 'to')[];
  /** Whether it installs a control plane: then what the configuration renders is looked at before anything is decided. */
  readonly installs: boolean;
  /** @param rendered what the configuration installs; empty where the phase does not install */
  readonly steps: (inputs: Inputs, rendered: readonly RenderedObject[]) => readonly Step[];
  /** Outcome when it did its work. */
  readonly outcome: Outcome;
  /** A rollback asks another run to stop, and takes over (H68). */
  readonly insists: boolean;
}
