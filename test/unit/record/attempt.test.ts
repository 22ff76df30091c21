import { describe, expect, test } from '@jest/globals';
import { attemptName, contradicts, namesOtherWay, originOf } from '../../../src/record/attempt.ts';

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
  ])('%s', (_, name, sides, otherWay) => {
    expect(namesOtherWay(name, sides)).toBe(otherWay);
    expect(contradicts(name, sides)).toBe(otherWay);
  });

  test('an upgrade that shares one version is another upgrade, and the sides of no record of its name', () => {
    const further = { from: to, to: { ...to, version: '1.32.0' } };
    expect(namesOtherWay(attemptName(up, 'x'), further)).toBe(false);
    expect(contradicts(attemptName(up, 'x'), further)).toBe(true);
  });

  test.each([
    ['1.30.3', '1.30.3'],
    ['1.31.0-rc.1', '1.31.0-rc.1'],
    ['1.30.3-solo', '1.30.3'],
    ['1.30.3-asm.4', '1.30.3'],
    ['1.30.3-tetratefips-v0', '1.30.3'],
    ['1.30-alpha', undefined],
    ['', undefined],
  ])('from %j it came from %j', (version, expected) => {
    const name = attemptName({ from: { ...from, version }, to }, 'ab12cd34');
    expect(originOf(name, to)).toBe(expected);
    expect(originOf(name, from)).toBeUndefined();
  });

  test('one that is too long for it, or of an earlier version of this Action, tells no origin', () => {
    expect(originOf('ab12cd34', to)).toBeUndefined();
  });
});
