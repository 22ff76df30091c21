import { describe, expect, test } from '@jest/globals';
import { ingredientsOf, storyOf } from '../../meshes/story.ts';
import { FEATURES, playable } from '../../meshes/features.ts';

describe('a story', () => {
  test('is the same for the same seed and index, and plain data', () => {
    const story = storyOf(1, 2);
    expect(storyOf(1, 2)).toEqual(story);
    expect(JSON.parse(JSON.stringify(story))).toEqual(story);
  });

  test('has, over some hundred, each feature that can be played, each phase, and each way to be struck', () => {
    const seen = new Set(Array.from({ length: 800 }, (_, index) => storyOf(3, index)).flatMap(ingredientsOf));
    const wanted = [
      ...playable().map((name) => `feature:${name}`),
      ...['precheck', 'canary', 'promote', 'rollback'].map((name) => `phase:${name}`),
      ...['kill', 'cancel', 'nothing', 'stale-list', 'label', 'git'].map((name) => `strike:${name}`),
    ];
    expect(wanted.filter((name) => !seen.has(name))).toEqual([]);
  });

  test('has one feature at most that writes the record', () => {
    const records = Object.entries(FEATURES)
      .filter(([, feature]) => 'about' in feature)
      .map(([name]) => name);
    for (let index = 0; index < 300; index += 1) {
      const { features } = storyOf(9, index);
      expect(features.filter((name) => records.includes(name)).length).toBeLessThanOrEqual(1);
    }
  });

  test('with a feature that is asked for has it', () => {
    expect(storyOf(1, 1, ['paused']).features).toEqual(['paused']);
  });
});
