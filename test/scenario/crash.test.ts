import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { TestbedGround } from '../crash/grounds/testbed.ts';
import { keyOf, pointsOf, sample, storiesOf } from '../crash/point.ts';
import { Stage } from '../crash/stage.ts';
import { tryPoint } from '../crash/trial.ts';

/** So many points of each story are drawn here; `npm run test:crash` runs all of them. */
const DRAWN = 2;
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

/** Promise 3: a sample of the crash matrix on one mesh, another one each time; CRASH_SEED=N draws the same again. */
describe(`interrupted at any write, it ends as if nothing had been (CRASH_SEED=${String(seed)})`, () => {
  const stage = new Stage(new TestbedGround(`sc-crash-p${String(process.pid)}`));
  jest.setTimeout(900_000);
  const stories = storiesOf('revisioned');
  beforeAll(() => stage.open(stories), 600_000);
  afterAll(() => stage.close(), 60_000);

  test.each(stories)('%s', async (story) => {
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
