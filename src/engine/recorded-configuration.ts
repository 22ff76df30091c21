import type { Finding } from '../finding.ts';
import { type Weighed, configurationLost } from '../istio/configuration-loss.ts';
import { isWithin } from '../istio/setting-differences.ts';
import type { UpgradeRecord } from '../record/record.ts';

/**
 * Back with the old release is not back with what was given up when the upgrade began (story 8004:13).
 *
 * @param kept keys, or what is a part of them, of what the mesh has still and keeps, as canary ended before it installed; and of
 *   what the way back sets by another configuration than canary's
 */
export function notRestored(
  { givenUp = [] }: Pick<UpgradeRecord, 'givenUp'> = {},
  kept: readonly string[],
): Finding[] {
  const keys = givenUp.filter((key) => !kept.some((one) => isWithin(one, key)));
  if (keys.length === 0) return [];
  return [
    {
      id: 'given-up-not-restored',
      severity: 'warning',
      message: `the mesh had settings that canary was allowed to lose (acknowledge), and they do not come back with the old release: ${keys.join(', ')}`,
      remedy:
        'To have them again, install the old release once more with its own istioctl and a configuration that has them.',
    },
  ];
}

/**
 * The way back with another file would be a third configuration, which nobody has seen: forgotten more often than meant. It
 * stands with what would be lost, key by key, and goes with the last of them that is acknowledged.
 */
export function otherThanRecorded(): Finding {
  return {
    id: 'configuration-not-the-recorded',
    severity: 'error',
    message:
      'config and set are neither those that canary has installed, nor what is installed now: it would be a configuration that nobody has tried',
    remedy:
      'Give the same inputs config and set as in the canary that installed (the same commit), or those of what is installed now. Where istiod can not run with these, give a configuration that it can run with, and name in acknowledge what configuration-would-be-lost tells below, a line each.',
  };
}

/**
 * What somebody has set since canary, or canary was allowed to lose and did not come to, and the given configuration does not
 * have. It stops no way back, and is never let go without a word.
 */
export function lostOnTheWay(
  weighed: Weighed,
  { givenUp = [] }: Pick<UpgradeRecord, 'givenUp'> = {},
): Finding[] {
  return configurationLost(weighed, []).map((finding) => ({
    ...finding,
    // What would only come is a warning, and says itself that nothing is lost.
    ...(finding.severity === 'error'
      ? {
          severity: 'warning',
          remedy: `${givenUp.includes(finding.object ?? '') ? 'Canary was allowed to lose it (acknowledge), and ended before it did.' : 'It was set since canary.'} Nothing, if it may go. To keep it, give inputs config and set that have it: with them what is installed now is taken as it is.`,
        }
      : {}),
  }));
}
