import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EmbeddedGround } from '../crash/grounds/embedded.ts';
import { type StoryName, keyOf, pointsOf, random, sample, storiesOf } from '../crash/point.ts';
import { Stage } from '../crash/stage.ts';
import { tryPoint } from '../crash/trial.ts';

/** So many points of one story are drawn; `npm run test:crash -- --on embedded` runs all of all of them. */
const DRAWN = 2;
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

function drawn(): StoryName {
  const stories = storiesOf('in place');
  return stories[Math.floor(random(seed)() * stories.length)]!;
}

/** Promise 3 in place: a sample of the crash matrix, up and down, another one each time; CRASH_SEED=N draws the same again. */
describe(`interrupted at any write in place, it ends as if nothing had been (CRASH_SEED=${String(seed)})`, () => {
  const stage = new Stage(new EmbeddedGround(), 'in place');
  jest.setTimeout(300_000);
  const story = drawn();
  beforeAll(() => stage.open([story]), 300_000);
  afterAll(() => stage.close(), 60_000);

  test(story, async () => {
    const points = sample(pointsOf(story, await stage.writesOf(story)), DRAWN, seed);
    expect(points).toHaveLength(DRAWN);
    for (const point of points) {
      const verdict = await tryPoint(stage, point);
      process.stderr.write(
        `  crash point ${keyOf(point)} (${verdict.at ?? 'not reached'}): ${verdict.detail}\n`,
      );
      expect({ point: keyOf(point), ...verdict }).toMatchObject({ ok: true });
    }
  });
});
