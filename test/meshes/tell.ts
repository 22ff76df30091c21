import type { FeatureName } from './features.ts';
import { type Found, type Told, play } from './play.ts';
import { scenarioOf } from './scenario.ts';
import { shrink } from './shrink.ts';
import { type Story, ingredientsOf, storyOf } from './story.ts';

/** What one story left, as a line between processes. */
export interface Line {
  readonly index: number;
  readonly ingredients: readonly string[];
  /** Rules that were broken, each once. */
  readonly rules: readonly string[];
  /** For people; empty where all was well. */
  readonly words: string;
  /** Why it could not be played. */
  readonly unplayed?: string;
}

/** Plays one story of a seed; where a rule is broken that is new, finds the smallest story that breaks it. */
export async function tell(
  seed: number,
  index: number,
  only: readonly FeatureName[],
  isNew: (rule: string) => boolean,
): Promise<Line> {
  const story = storyOf(seed, index, only);
  const ingredients = ingredientsOf(story);
  let told: Told;
  try {
    told = await play(story);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { index, ingredients, rules: [], words: '', unplayed: headOf(story, [why], only) };
  }
  const rules = [...new Set(told.found.map(({ rule }) => rule))];
  if (rules.length === 0) return { index, ingredients, rules, words: '' };
  const smallest = await smallestOf(story, rules.filter(isNew));
  return {
    index,
    ingredients,
    rules,
    words: [headOf(story, rules, only), ...told.lines, ...smallest].join('\n'),
  };
}

/** Names a story, says what was wrong, and how to play it again. */
function headOf(story: Story, wrong: readonly string[], only: readonly FeatureName[]): string {
  const replay = [
    `--replay ${String(story.seed)}:${String(story.index)}`,
    ...only.map((name) => `--only-feature ${name}`),
  ];
  return `\n✘ ${String(story.seed)}:${String(story.index)} (${story.form}, ${story.engine}; ${story.features.join(', ') || 'nothing odd'}): ${wrong.join(', ')}\n  again: npm run meshes -- ${replay.join(' ')}`;
}

async function smallestOf(story: Story, rules: readonly string[]): Promise<string[]> {
  const words: string[] = [];
  for (const rule of rules) {
    let last: readonly Found[] = [];
    const smallest = await shrink(story, async (candidate) => {
      const found = await play(candidate).then(
        (told) => told.found,
        () => [],
      );
      const shows = found.some((one) => one.rule === rule);
      if (shows) last = found.filter((one) => one.rule === rule);
      return shows;
    });
    words.push('', `The smallest story for ${rule}:`, scenarioOf(smallest, last));
  }
  return words;
}
