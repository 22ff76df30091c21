import type { Finding } from '../finding.ts';
import { type Weighed, configurationLost, lostSettings } from '../istio/configuration-loss.ts';
import { isWithin } from '../istio/setting-differences.ts';
import type { UpgradeRecord } from '../record/record.ts';

/**
 * The way back with another file would be a third configuration, which nobody has seen: forgotten more often than meant. It
 * stands with what would be lost, key by key, and only warns once the last of them is acknowledged.
 */
export function otherThanRecorded(severity: 'error' | 'warning'): Finding {
  return {
    id: 'configuration-not-the-recorded',
    severity,
    message:
      'config and set are neither those that canary has installed, nor what is installed now: it would be a configuration that nobody has tried',
    remedy:
      severity === 'error'
        ? 'Give the same inputs config and set as in the canary that installed (the same commit), or those of what is installed now. Where istiod can not run with these, give a configuration that it can run with, and name in acknowledge what configuration-would-be-lost tells below, a line each: each by its own key, as one that it is a part of does not count here.'
        : 'Nothing, if it is meant. Else give the same inputs config and set as in the canary that installed, or, where this run has installed it already, install the same release once more with its own istioctl and those.',
  };
}

/**
 * What of the input `acknowledge` counts for it: what is named by its own key. A wider one was given for what canary was to
 * lose, and says nothing of a file that is forgotten now.
 */
export function namedExactly(weighed: Weighed, acknowledge: readonly string[]): string[] {
  const lost = new Set(lostSettings(weighed).map(({ key }) => key));
  return acknowledge.filter((key) => lost.has(key));
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
          remedy: `${givenUp.some((key) => isWithin(key, finding.object ?? '')) ? 'Canary was allowed to lose it (acknowledge), and ended before it did.' : 'It was set since canary.'} Nothing, if it may go. To keep it, give inputs config and set that have it: with them what is installed now is taken as it is.`,
        }
      : {}),
  }));
}
