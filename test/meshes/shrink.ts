import type { Act } from './acts.ts';
import type { Story } from './story.ts';

/** Whether a story still shows what is to be shown. */
export type Shows = (story: Story) => Promise<boolean>;

/**
 * The smallest story that still shows it, by leaving out one thing after the other (acts first, then features, then what
 * befalls a run and what it is given beyond need) until nothing more can be left out.
 *
 * @param tries so many stories are played at most
 */
export async function shrink(story: Story, shows: Shows, tries = 60): Promise<Story> {
  let smallest = story;
  let left = tries;
  for (let smaller = true; smaller;) {
    smaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (left <= 0) return smallest;
      left -= 1;
      if (!(await shows(candidate))) continue;
      smallest = candidate;
      smaller = true;
      break;
    }
  }
  return smallest;
}

/** All stories that are smaller by one thing, the largest steps first. */
export function smallerThan(story: Story): Story[] {
  const { acts, features } = story;
  const half = Math.floor(acts.length / 2);
  return [
    ...(story.engine === 'dist' ? [{ ...story, engine: 'sources' as const }] : []),
    ...(half > 1 ? [{ ...story, acts: acts.slice(0, half) }] : []),
    ...(features.length > 1 ? [{ ...story, features: [] }] : []),
    ...acts.map((_, index) => ({ ...story, acts: acts.toSpliced(index, 1) })).reverse(),
    ...features.map((_, index) => ({ ...story, features: features.toSpliced(index, 1) })),
    ...acts.flatMap((act, index) =>
      plainer(act).map((instead) => ({ ...story, acts: acts.with(index, instead) })),
    ),
  ];
}

/** An act with one thing less. */
function plainer(act: Act): Act[] {
  if (!('run' in act)) return [];
  const { during, ...undisturbed } = act;
  const inputs = Object.keys(act.inputs)
    .filter((name) => name !== 'canary-namespaces' && name !== 'strategy')
    .map((name) => ({
      ...act,
      inputs: Object.fromEntries(Object.entries(act.inputs).filter(([key]) => key !== name)),
    }));
  const canary = act.inputs['canary-namespaces'];
  const narrower =
    canary === undefined || canary === 'first'
      ? []
      : [{ ...act, inputs: { ...act.inputs, 'canary-namespaces': 'first' } }];
  if (during === undefined) return [...inputs, ...narrower];
  const { stale, ...fresh } = during;
  return [undisturbed, ...(stale === true ? [{ ...act, during: fresh }] : []), ...inputs, ...narrower];
}
