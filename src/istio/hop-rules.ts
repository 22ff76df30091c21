import { type Version, isAtLeast } from './version.ts';

/** How many minor releases Istio's documents let one upgrade go up, as of a target. */
export interface HopRule {
  /** First minor release of the target that the rule is of. */
  readonly since: string;
  /** With a second control plane; none where a control plane has no revision. */
  readonly canary: number;
  /** In place, up and down. */
  readonly inPlace: number;
  /** Where it stands. */
  readonly source: string;
}

/** Oldest first; none of them is enforced by istioctl from 1.13 on, and canaries never were. */
export const HOP_RULES: readonly [HopRule, ...HopRule[]] = [
  {
    since: '1.4',
    canary: 0,
    inPlace: 1,
    source: 'In-place page of 1.4 and 1.5 (1.3.3 or newer, 1.4.4 or newer); they have no revisions.',
  },
  {
    since: '1.6',
    canary: 1,
    inPlace: 1,
    source:
      'Upgrade notes of 1.6 (1.5 must not be skipped); in-place pages of 1.7 to 1.10; canary pages without a limit in 1.6 and 1.7, section index of 1.8 to 1.10: not more than one.',
  },
  {
    since: '1.11',
    canary: 2,
    inPlace: 1,
    source:
      'Canary page and section index from 1.11 on: two minor releases (misprinted as patches in 1.11 and 1.12); in-place page: one.',
  },
];

/** The rule for upgrades to a version; what is older than the table goes by its first row. */
export function hopRuleOf(target: Version): HopRule {
  return HOP_RULES.findLast(({ since }) => isAtLeast(target, since)) ?? HOP_RULES[0];
}
