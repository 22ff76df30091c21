import type { Finding } from '../finding.ts';
import { KEPT } from '../istio/before.ts';
import { type Weighed, comes, isAcknowledged, isObject, lostSettings } from '../istio/configuration-loss.ts';
import { digest } from '../istio/content.ts';
import { firstOf } from '../istio/first-of.ts';
import { isWithin } from '../istio/setting-differences.ts';
import type { Settings } from '../istio/settings.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { canHoldSetting } from '../record/shape.ts';

/** What an upgrade in place was allowed to lose, for its record. */
export type GivenUp = Pick<UpgradeRecord, 'givenUp' | 'had'>;

/**
 * What of the settings that an upgrade was allowed to change is not as it was before it: only the first value of each is
 * remembered, so that one that was changed again and again, or never, is what it is (story 8004:13).
 *
 * @param known what is on record of this upgrade
 * @param leave what this installation may lose: the input `acknowledge`, or what of it counts
 * @param back what there is once the old release is installed again
 */
export function givenUpBy(
  weighed: Weighed,
  known: GivenUp,
  leave: readonly string[],
  back: (key: string) => Settings,
): Required<GivenUp> {
  // An object that only comes is no loss, and none either where it goes again.
  const changed = lostSettings(weighed)
    .filter((lost) => comes(lost) || isAcknowledged(lost.key, leave))
    .flatMap(({ key }) => holdable(key) ?? []);
  const first = new Map(Object.entries(known.had ?? {}));
  for (const key of new Set(changed))
    if (!first.has(key)) first.set(key, digestAt(key, heldOf(weighed, key)));
  const had = Object.fromEntries([...first].slice(0, KEPT));
  const keys = new Set([...(known.givenUp ?? []), ...Object.keys(had)]);
  const isLost = (key: string): boolean =>
    had[key] !== digestAt(key, back(key)) && !(had[key] === NOTHING && isObject(key));
  return { givenUp: [...keys].filter(isLost).slice(0, KEPT), had };
}

/** What is live of a key: what the configuration sets it takes over, whoever has set it; the rest is istioctl's own. */
export function heldOf({ live, coming }: Pick<Weighed, 'live' | 'coming'>, key: string): Settings {
  return [...coming.keys()].some((one) => isWithin(one, key)) ? live.whole : live.applied;
}

/** Digest of a setting, or of all that is part of it. */
export function digestAt(key: string, settings: Settings): string {
  return digest([...settings].filter(([one]) => isWithin(one, key)).sort());
}

/** A setting as a record can hold it: by its own key, or that of what it is a part of. */
function holdable(key: string): string | undefined {
  if (canHoldSetting(key)) return key;
  const end = Math.max(key.lastIndexOf('.'), key.lastIndexOf('['));
  return end > 0 ? holdable(key.slice(0, end)) : undefined;
}

const NOTHING = digest([]);

/** So many keys are named. */
const NAMED = 20;

/** The first of them, and how many there are beside. */
export function keysOf(givenUp: readonly string[]): string {
  return firstOf(givenUp, NAMED, ', and ');
}

/** Back with the old release is not back with what was given up on the way (story 8004:13). */
export function notRestored(givenUp: readonly string[] = []): Finding[] {
  if (givenUp.length === 0) return [];
  return [
    {
      id: 'given-up-not-restored',
      severity: 'warning',
      message: `settings that were allowed to change (acknowledge) are not as they were before the upgrade, and do not get so with the old release: ${keysOf(givenUp)}`,
      remedy:
        'To have them as they were, install the old release once more with its own istioctl and a configuration that makes them so.',
    },
  ];
}
