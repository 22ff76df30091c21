/** A generated story that was played on the testbed, too. */
export interface Repeated {
  readonly build: string;
  readonly seed: number;
  readonly index: number;
  /** Whether each run ended there as on the embedded cluster. */
  readonly same: boolean;
  readonly features: readonly string[];
  /** Why not, written by whoever looked at it. */
  readonly note?: string;
}
