import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { playDrawn } from '../crash/drawn.ts';
import { EmbeddedGround } from '../crash/grounds/embedded.ts';
import { type StoryName, random, storiesOf } from '../crash/point.ts';
import { Stage } from '../crash/stage.ts';

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
    await playDrawn(stage, story, seed);
  });
});
