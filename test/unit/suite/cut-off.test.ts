import { describe, expect, test } from '@jest/globals';
import { CutOff } from '../../suite/cut-off.ts';

const answer = (why: string, status = 500) => ({
  status,
  body: {
    message: `Internal error occurred: failed calling webhook "x": failed to call webhook: Post "y": ${why}`,
  },
});
const REFUSED = answer('dial tcp 10.0.0.1:15017: connect: connection refused');

describe('a question that an istiod does not answer', () => {
  test.each([
    ['it ended', answer('EOF'), true],
    ['it had ended', REFUSED, true],
    ['it ended while it was asked', answer('write tcp 10.0.0.1:1->10.0.0.1:15017: write: broken pipe'), true],
    ['nobody is there', answer('no endpoints available for service "istiod"'), false],
    ['it is too slow', answer('context deadline exceeded'), false],
    ['it refuses', answer('EOF', 422), false],
  ])('is excused only where it ended: %s', (_, given, excused) => {
    expect(new CutOff(true).excuses('a', given)).toBe(excused);
    expect(new CutOff(false).excuses('a', given)).toBe(false);
  });

  test('is excused once: not in the next round, and again after an answer', () => {
    const cutOff = new CutOff(true);
    const rounds = [true, true, false, true].map((isCut) => {
      const excused = isCut ? cutOff.excuses('a', REFUSED) : undefined;
      const other = cutOff.count;
      cutOff.nextRound();
      return [excused, other];
    });
    expect(rounds).toEqual([
      [true, 1],
      [false, 1],
      [undefined, 1],
      [true, 2],
    ]);
  });
});
