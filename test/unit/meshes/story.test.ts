import { describe, expect, test } from '@jest/globals';
import { ingredientsOf, storyOf } from '../../meshes/story.ts';
import { FEATURES, featureOf, playable } from '../../meshes/features.ts';
import { pathOfKind } from '../../suite/objects.ts';

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

  test('is of each strategy, and of what revisions share, in a good part of them', () => {
    const stories = Array.from({ length: 400 }, (_, index) => ingredientsOf(storyOf(4, index)));
    const share = (name: RegExp): number =>
      stories.filter((ingredients) => ingredients.some((one) => name.test(one))).length / stories.length;
    expect(share(/^strategy:in-place$/)).toBeGreaterThan(0.2);
    expect(share(/^asked:allow-downgrade$/)).toBeGreaterThan(0.08);
    expect(share(/^asked:adopt-tags$/)).toBeGreaterThan(0.08);
    expect(share(/^feature:api-gateway/)).toBeGreaterThan(0.15);
    expect(share(/^asked:gateways with-install$/)).toBeGreaterThan(0.015);
    expect(share(/^asked:cni with-install$/)).toBeGreaterThan(0.015);
  });

  test('in place has a mesh without revisions, and mostly one without tags', () => {
    const inPlace = Array.from({ length: 300 }, (_, index) => storyOf(6, index)).filter((story) =>
      ingredientsOf(story).includes('strategy:in-place'),
    );
    expect(new Set(inPlace.map(({ form }) => form))).toEqual(new Set(['default']));
    const beside = inPlace.filter(({ features }) => features.some((name) => 'besideOnly' in FEATURES[name]));
    expect(beside.length).toBeLessThan(inPlace.length / 5);
  });

  test('has one feature at most that writes the record', () => {
    const records = Object.entries(FEATURES)
      .filter(([, feature]) => 'about' in feature && feature.about === 'record')
      .map(([name]) => name);
    for (let index = 0; index < 300; index += 1) {
      const { features } = storyOf(9, index);
      expect(features.filter((name) => records.includes(name)).length).toBeLessThanOrEqual(1);
    }
  });

  test('has objects of kinds alone that scenarios, as which it is played on the testbed, know', () => {
    const kinds = playable().flatMap((name) =>
      (featureOf(name).objects?.('default') ?? []).map(({ kind }) => kind),
    );
    expect(kinds.length).toBeGreaterThan(20);
    for (const kind of kinds) expect(pathOfKind(kind)).toMatch(/^\/api/);
  });

  test('with a feature that is asked for has it', () => {
    expect(storyOf(1, 1, ['paused']).features).toEqual(['paused']);
  });
});
