import { expect } from '@jest/globals';
import { type StoryName, keyOf, pointsOf, sample } from './point.ts';
import type { Stage } from './stage.ts';
import { tryPoint } from './trial.ts';

/** So many points of a story are drawn in a test of every change; `npm run test:crash` plays all of them. */
const DRAWN = 2;

/** Of the points at which a story can be interrupted, tries some. */
export async function playDrawn(stage: Stage, story: StoryName, seed: number): Promise<void> {
  const points = sample(pointsOf(story, await stage.writesOf(story)), DRAWN, seed);
  expect(points).toHaveLength(DRAWN);
  for (const point of points) {
    const verdict = await tryPoint(stage, point);
    process.stderr.write(
      `  crash point ${keyOf(point)} (${verdict.at ?? 'not reached'}): ${verdict.detail}\n`,
    );
    expect({ point: keyOf(point), ...verdict }).toMatchObject({ ok: true });
  }
}
