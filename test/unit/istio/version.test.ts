import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareVersions,
  isAtLeast,
  minorOf,
  parseVersion,
  tryParseVersion,
} from '../../../src/istio/version.ts';

const number = fc.nat({ max: 200 });
const release = fc.tuple(number, number, number).map((parts) => parts.join('.'));

describe('a version', () => {
  test('is read as Istio writes it', () => {
    expect(parseVersion('1.31.0')).toEqual({
      text: '1.31.0',
      major: 1,
      minor: 31,
      patch: 0,
      prerelease: false,
    });
    expect(parseVersion('1.31.0-rc.1')).toMatchObject({ patch: 0, prerelease: true });
  });

  test.each([
    '',
    '1.31',
    'v1.31.0',
    '=1.31.0',
    ' 1.31.0',
    '1.31.0\n',
    '1.31.0+build',
    '^1.31.0',
    '1.31.x',
    '01.2.3',
    'latest',
  ])('is not %j', (text) => {
    expect(tryParseVersion(text)).toBeUndefined();
    expect(() => parseVersion(text)).toThrow(/is not a version of Istio such as 1\.31\.0/);
  });

  test('keeps its text', () => {
    fc.assert(fc.property(release, (text) => expect(parseVersion(text).text).toBe(text)));
  });

  test('reads any text without failing in another way', () => {
    fc.assert(fc.property(fc.string(), (text) => void tryParseVersion(text)));
  });

  test('is ordered by numbers, not by letters', () => {
    const compare = (a: string, b: string): number =>
      Math.sign(compareVersions(parseVersion(a), parseVersion(b)));
    expect(compare('1.9.0', '1.10.0')).toBe(-1);
    expect(compare('1.31.0-rc.1', '1.31.0')).toBe(-1);
    fc.assert(fc.property(release, release, (a, b) => expect(compare(a, b) + compare(b, a)).toBe(0)));
  });

  test('belongs to a minor release, as a pre-release does', () => {
    expect(minorOf(parseVersion('1.31.4'))).toBe('1.31');
    expect(isAtLeast(parseVersion('1.30.0-rc.0'), '1.30')).toBe(true);
    expect(isAtLeast(parseVersion('1.9.9'), '1.10')).toBe(false);
    expect(isAtLeast(parseVersion('2.0.0'), '1.30')).toBe(true);
  });
});
