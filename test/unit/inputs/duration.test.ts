import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseWait } from '../../../src/input/duration.ts';

describe('a time that something may take', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['120h', 432_000_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['0s', '', '10', '121h', '1.5h', '-1s', '5d', '10 m'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow('90s, 10m or 1h30m');
  });
});

describe('a time to wait', () => {
  test.each([
    ['24h', 86_400_000],
    ['90m', 5_400_000],
    // None is a choice of its own here, and more than a job can last is no timer.
    ['0s', 0],
    ['720h', 2_592_000_000],
    ['8760h', 31_536_000_000],
  ])('%s', (text, ms) => {
    expect(parseWait(text)).toBe(ms);
  });

  test.each(['', '24', '1d', '-1h', 'now', '8761h', '99999999999999h'])('%j is refused', (text) => {
    expect(() => parseWait(text)).toThrow('0s for none');
  });
});
