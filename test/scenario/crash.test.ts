import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { playDrawn } from '../crash/drawn.ts';
import { TestbedGround } from '../crash/grounds/testbed.ts';
import { storiesOf } from '../crash/point.ts';
import { Stage } from '../crash/stage.ts';

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

/** Promise 3: a sample of the crash matrix on one mesh, another one each time; CRASH_SEED=N draws the same again. */
describe(`interrupted at any write, it ends as if nothing had been (CRASH_SEED=${String(seed)})`, () => {
  const stage = new Stage(new TestbedGround(`sc-crash-p${String(process.pid)}`));
  jest.setTimeout(900_000);
  const stories = storiesOf('revisioned');
  beforeAll(() => stage.open(stories), 600_000);
  afterAll(() => stage.close(), 60_000);

  test.each(stories)('%s', async (story) => {
    await playDrawn(stage, story, seed);
  });
});
