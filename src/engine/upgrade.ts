import type { Release } from '../record/record.ts';

/** What one attempt is about. */
export interface Upgrade {
  /** Names the attempt; new for a canary that starts one, else the record's. */
  readonly attempt: string;
  readonly from: Release;
  readonly to: Release;
  /** Names of the namespaces that this phase moves. */
  readonly namespaces: readonly string[];
}
