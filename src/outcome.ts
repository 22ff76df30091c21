/** The four phases, in the order in which an upgrade meets them. */
export const PHASES = ['precheck', 'canary', 'promote', 'rollback'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * How one run of a phase ended.
 *
 * - `refused`: nothing was touched
 * - `inconclusive`: the evidence could not be had, so nothing is claimed
 * - `rolled-back`: rollback did its work
 */
export const OUTCOMES = [
  'succeeded',
  'no-changes',
  'refused',
  'failed',
  'inconclusive',
  'rolled-back',
  'cancelled',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Where the upgrade stands, read off the cluster. */
export const STATES = [
  'none',
  'canarying',
  'canary',
  'promoting',
  'promoted',
  'removing',
  'completed',
  'rolling-back',
  'rolled-back',
] as const;
export type UpgradeState = (typeof STATES)[number];

/** The process's exit code for an outcome: 0 only where what was asked for is seen to be so. */
export function exitCode(outcome: Outcome): 0 | 1 {
  return outcome === 'succeeded' || outcome === 'no-changes' || outcome === 'rolled-back' ? 0 : 1;
}
