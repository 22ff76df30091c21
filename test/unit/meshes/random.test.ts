import { describe, expect, test } from '@jest/globals';
import { chanceOf } from '../../meshes/random.ts';

describe('chance', () => {
  test('is the same for the same seed and index', () => {
    const [one, other] = [chanceOf(7, 3), chanceOf(7, 3)];
    expect(Array.from({ length: 20 }, () => one.next())).toEqual(
      Array.from({ length: 20 }, () => other.next()),
    );
  });

  test('does not depend on the neighbour: the first choice of many stories is even', () => {
    const heads = Array.from({ length: 400 }, (_, index) => chanceOf(5, index).happens(0.5)).filter(Boolean);
    expect(heads.length).toBeGreaterThan(150);
    expect(heads.length).toBeLessThan(250);
  });

  test('chooses from something only', () => {
    expect(() => chanceOf(1, 1).choose([])).toThrow('nothing to choose from');
  });
});
