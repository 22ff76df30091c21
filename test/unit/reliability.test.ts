import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DOCUMENT, reliability } from '../../scripts/reliability.ts';
import { STORIES, type StoryName, type Write, keyOf, pointsOf, sample } from '../crash/point.ts';
import { MESH_MUTANTS } from '../mutants/mesh-mutants.ts';
import { MUTANTS, type Mutation } from '../mutants/mutants.ts';

test('docs/reliability.md says what the tests left: else run node scripts/reliability.ts', () => {
  expect(readFileSync(fileURLToPath(new URL(`../../${DOCUMENT}`, import.meta.url)), 'utf8')).toBe(
    reliability(),
  );
});

const writes: readonly Write[] = [
  { n: 1, what: 'POST /lease', by: 'action' },
  { n: 2, what: 'PATCH /crd', by: 'istioctl' },
];

test('every write is interrupted in every way that differs', () => {
  // own: 2 moments × 1 way to kill × 2 sequels; istioctl’s: 2 × 2 × 2
  expect(pointsOf('canary', writes)).toHaveLength(4 + 8);
  // What follows an interrupted rollback is that rollback.
  expect(pointsOf('rollback', writes)).toHaveLength(2 + 4);
  const all = (Object.keys(STORIES) as StoryName[]).flatMap((story) => pointsOf(story, writes));
  expect(new Set(all.map(keyOf)).size).toBe(all.length);
});

test('a sample is drawn without repetition, and again by its seed', () => {
  const points = pointsOf('canary', writes);
  const drawn = sample(points, 5, 7).map(keyOf);
  expect(new Set(drawn).size).toBe(5);
  expect(sample(points, 5, 7).map(keyOf)).toEqual(drawn);
  expect(sample(points, 5, 8).map(keyOf)).not.toEqual(drawn);
  expect(sample(points, 99, 7)).toHaveLength(points.length);
});

test.each<Mutation>([...new Set([...MUTANTS, ...MESH_MUTANTS])])(
  'mutant $id is found in its file, once',
  ({ file, replaced, by }) => {
    const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
    expect(source.split(replaced)).toHaveLength(2);
    expect(by).not.toBe(replaced);
  },
);
