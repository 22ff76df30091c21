import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareVersions,
  isAtLeast,
  minorOf,
  parseVersion,
  releaseOf,
  sameRelease,
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
      release: '1.31.0',
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

describe('the version of a vendor', () => {
  test.each([
    '1.31.0-solo',
    '1.31.0-asm.4',
    '1.31.0-tetrate-v0',
    '1.31.0-tetratefips-v0',
    '1.31.0-fips',
    '1.31.0-distroless',
    '1.31.0-debug',
    '1.31.0-solo-fips-distroless',
    '1.31.0-patch1-solo',
  ])('%s is no pre-release, and as old as its release (F05)', (text) => {
    const version = parseVersion(text);
    expect(version).toMatchObject({ text, release: '1.31.0', prerelease: false });
    expect(compareVersions(version, parseVersion('1.31.0'))).toBe(0);
    expect(compareVersions(version, parseVersion('1.30.3'))).toBeGreaterThan(0);
    expect(sameRelease(text, '1.31.0')).toBe(true);
    expect(sameRelease(text, '1.31.1')).toBe(false);
  });

  test.each([
    ['1.31.0-rc.1', '1.31.0-rc.1'],
    ['1.31.0-rc1-solo', '1.31.0-rc1'],
    ['1.31.0-alpha.0-debug', '1.31.0-alpha.0'],
    ['1.31.0-beta.1-distroless', '1.31.0-beta.1'],
    ['1.31.0-alpha.0f3a9c', '1.31.0-alpha.0f3a9c'],
    ['1.31.0-nightly-20260101', '1.31.0-nightly-20260101'],
    ['1.31.0-dev', '1.31.0-dev'],
  ])('%s stays the pre-release %s', (text, release) => {
    expect(parseVersion(text)).toMatchObject({ release, prerelease: true });
    expect(sameRelease(text, '1.31.0')).toBe(false);
    expect(sameRelease(text, release)).toBe(true);
  });

  test('keeps order where what is left is not as semver writes it', () => {
    expect(compareVersions(parseVersion('1.31.0-rc.01-x'), parseVersion('1.31.0'))).toBeLessThan(0);
  });

  test.each(['1.16-dev', '1.31', '1.31-alpha.3f2c', 'latest', 'master', ''])(
    '%j names no release',
    (text) => {
      expect(releaseOf(text)).toBeUndefined();
      expect(sameRelease(text, text)).toBe(text !== '');
      expect(sameRelease(text, '1.31.0')).toBe(false);
      expect(sameRelease('1.31.0', text)).toBe(false);
    },
  );

  test('is read from any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => expect(sameRelease(a, b)).toBe(sameRelease(b, a))),
    );
  });
});
