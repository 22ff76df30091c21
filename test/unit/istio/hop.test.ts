import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasError } from '../../../src/finding.ts';
import { checkHop } from '../../../src/istio/hop.ts';
import { parseVersion } from '../../../src/istio/version.ts';

const hop = (from: string, to: string) => checkHop(parseVersion(from), parseVersion(to));

describe('a hop', () => {
  test.each([
    ['1.29.6', '1.29.7'],
    ['1.29.6', '1.30.3'],
    ['1.29.6', '1.31.0'],
  ])('from %s to %s is legal', (from, to) => {
    expect(hop(from, to)).toEqual([]);
  });

  test('over more than two minor releases is not, and the next legal one is told', () => {
    expect(hop('1.28.6', '1.31.0')).toMatchObject([
      { id: 'hop-too-far', severity: 'error', remedy: expect.stringContaining('1.30 first') },
    ]);
  });

  test.each([
    ['1.31.0', '1.31.0', /runs already/],
    ['1.31.1', '1.31.0', /older/],
    ['1.31.0', '1.30.9', /older/],
    ['1.31.0', '1.31.0-rc.1', /older/],
  ])('from %s to %s goes nowhere', (from, to, words) => {
    const findings = hop(from, to);
    expect(findings).toMatchObject([{ id: 'target-not-newer', severity: 'error' }]);
    expect(findings[0]!.message).toMatch(words);
    expect(findings[0]!.remedy).toBeTruthy();
  });

  test('names a step that is legal itself, between all releases', () => {
    for (let from = 6; from <= 31; from++) {
      for (let to = from + 1; to <= 31; to++) {
        const far = hop(`1.${String(from)}.0`, `1.${String(to)}.0`).find(({ id }) => id === 'hop-too-far');
        if (far === undefined) continue;
        const [, next] = /latest patch of (1\.\d+) first/.exec(far.remedy ?? '') ?? [];
        expect([from, to, next, hasError(hop(`1.${String(from)}.0`, `${next ?? ''}.9`))]).toEqual([
          from,
          to,
          next,
          false,
        ]);
      }
    }
    expect(hop('1.8.6', '1.12.0')).toMatchObject([
      { id: 'hop-too-far', remedy: expect.stringContaining('1.9 first') },
      { id: 'old-version' },
    ]);
    expect(hop('1.9.9', '1.12.0')).toMatchObject([
      { remedy: expect.stringContaining('1.11 first') },
      { id: 'old-version' },
    ]);
  });

  test('over many releases from one that is too old asks for no step that is none', () => {
    expect(hop('1.4.9', '1.12.0').map(({ id }) => id)).toEqual(['version-not-supported']);
  });

  test('to another major version is not legal', () => {
    expect(hop('1.31.0', '2.0.0')).toMatchObject([{ id: 'hop-to-other-major', severity: 'error' }]);
  });

  test('to a pre-release is legal, with a warning', () => {
    expect(hop('1.30.3', '1.31.0-rc.1')).toMatchObject([{ id: 'target-is-prerelease', severity: 'warning' }]);
  });

  test('of a release whose programs were never run is legal, with a warning to rehearse it', () => {
    expect(hop('1.23.6', '1.24.6')).toMatchObject([{ id: 'old-version', severity: 'warning' }]);
    expect(hop('1.6.14', '1.7.8')).toMatchObject([
      { id: 'old-version', message: expect.stringContaining('Istio 1.6 and 1.7') },
    ]);
    expect(hop('1.24.6', '1.25.5')).toEqual([]);
  });

  test('from a version that is too old names it', () => {
    expect(hop('1.5.9', '1.6.14')).toMatchObject([{ id: 'version-not-supported' }]);
  });

  test('between a known bad pair says so, and only there (H39)', () => {
    expect(hop('1.29.1', '1.30.0').map(({ id }) => id)).toEqual(['old-proxies-reject-listeners']);
    expect(hop('1.29.2', '1.30.0')).toEqual([]);
    expect(hop('1.28.0', '1.29.1')).toEqual([]);
  });

  test('is legal exactly for 0 to 2 minor releases up', () => {
    const minor = fc.integer({ min: 24, max: 60 });
    fc.assert(
      fc.property(minor, minor, (from, to) => {
        const legal = to - from >= 0 && to - from <= 2;
        expect(hasError(hop(`1.${from}.1`, `1.${to}.9`))).toBe(!legal);
      }),
    );
  });
});
