import type { Beginning } from '../decide/decide.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Outcome, Phase } from '../outcome.ts';
import type { Intent } from '../record/record.ts';
import type { InPlaceRenders } from '../steps/held-proxies.ts';
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
  /**
   * In place: what both releases would install is held against what is there. The phase that begins an upgrade answers for
   * configuration that is lost; one that goes on must be given what canary has installed.
   */
  readonly weighs?: 'begins' | 'goes-on';
  /**
   * @param rendered what the configuration installs; empty where the phase does not install
   * @param inPlace the same of a phase that weighs, and whether it goes to an older release
   */
  readonly steps: (
    inputs: Inputs,
    rendered: readonly RenderedObject[],
    inPlace: { readonly renders: InPlaceRenders; readonly down: boolean },
  ) => readonly Step[];
  /** Outcome when it did its work. */
  readonly outcome: Outcome;
  /** A rollback asks another run to stop, and takes over (H68). */
  readonly insists: boolean;
}
