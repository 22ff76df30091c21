import { describe, expect, test } from '@jest/globals';
import { attemptName, namesOtherWay } from '../../../src/record/attempt.ts';

const from = { revision: 'default', version: '1.30.3' };
const to = { revision: 'default', version: '1.31.0' };
const up = { from, to };
const down = { from: to, to: from };

describe('the name of an attempt says which way it goes', () => {
  test('in words that a label and a record can have', () => {
    expect(attemptName(up, 'ab12cd34')).toBe('1-30-3-to-1-31-0-ab12cd34');
    expect(attemptName({ from: { ...from, version: '' }, to }, 'ab12cd34')).toBe(
      'unknown-to-1-31-0-ab12cd34',
    );
  });

  test('a version that is too long for it is left out', () => {
    const alpha = { ...to, version: `1.31.0-alpha.${'a'.repeat(40)}` };
    expect(attemptName({ from, to: alpha }, 'ab12cd34')).toBe('ab12cd34');
  });

  test.each([
    ['swapped sides contradict it', attemptName(up, 'x'), down, true],
    ['in either direction', attemptName(down, 'x'), up, true],
    ['its own sides do not', attemptName(up, 'x'), up, false],
    [
      'a side that was patched meanwhile does not',
      attemptName(up, 'x'),
      { from: { ...from, version: '1.30.4' }, to },
      false,
    ],
    ['a name of an earlier version of this Action says nothing', 'ab12cd34', down, false],
  ])('%s', (_, name, sides, contradicts) => {
    expect(namesOtherWay(name, sides)).toBe(contradicts);
  });
});
