import { expect, test } from '@jest/globals';
import { checkHopInPlace } from '../../../src/istio/hop-in-place.ts';
import { parseVersion } from '../../../src/istio/version.ts';

const idsOf = (from: string, to: string, down = false): string[] =>
  checkHopInPlace(parseVersion(from), parseVersion(to), down).map(({ id, severity }) => `${severity} ${id}`);

test.each<[from: string, to: string, down: boolean, found: string[]]>([
  ['1.30.3', '1.31.0', false, []],
  ['1.30.3', '1.30.4', false, ['info patch-hop']],
  ['1.31.0', '1.30.3', true, []],
  ['1.31.2', '1.31.0', true, ['info patch-hop']],
  ['1.31.0', '1.30.3', false, ['error target-not-newer']],
  ['1.30.3', '1.30.3', true, ['error target-not-newer']],
  ['1.29.2', '1.31.0', false, ['error hop-too-far']],
  ['1.31.0', '1.29.2', true, ['error hop-too-far']],
  ['1.31.0', '2.0.0', false, ['error hop-to-other-major']],
  ['1.30.3', '1.31.0-rc.1', false, ['warning target-is-prerelease']],
  ['1.23.0', '1.24.0', false, ['warning old-version']],
  ['1.4.10', '1.5.10', false, ['error version-not-supported']],
  ['1.5.10', '1.6.14', false, ['warning old-version']],
  // Proxies of 1.5 are told by arguments where istiod is, and the template of 1.6 has none.
  ['1.6.14', '1.5.10', true, ['error downgrade-not-in-order', 'warning old-version']],
  ['1.7.8', '1.6.14', true, ['warning old-version']],
  ['1.5.10', '1.5.9', true, ['info patch-hop', 'warning old-version']],
  ['1.28.0', '1.29.2', false, ['warning old-proxies-reject-listeners']],
  ['1.30.3', '1.29.1', true, ['warning old-proxies-reject-listeners']],
  ['1.30.3', '1.29.2', true, []],
])('H43, T01: in place from %s to %s, down %s', (from, to, down, found) => {
  expect(idsOf(from, to, down)).toEqual(found);
});

test('too far names the legal path, either way', () => {
  const remedy = (from: string, to: string): string =>
    checkHopInPlace(parseVersion(from), parseVersion(to), true)[0]?.remedy ?? '';
  expect(remedy('1.29.2', '1.31.0')).toContain('latest patch of 1.30 first');
  expect(remedy('1.31.0', '1.29.2')).toBe('Go to the latest patch of 1.30 first, then to 1.29.');
});

test('what is too old is told the way in place, one minor release at a time', () => {
  const remedy = (from: string, to: string): string =>
    checkHopInPlace(parseVersion(from), parseVersion(to), true)[0]?.remedy ?? '';
  expect(remedy('1.4.10', '1.5.0')).toBe(
    'Upgrade to 1.5 by hand first, one minor release at a time, as the documents of its release say.',
  );
  expect(remedy('1.5.0', '1.4.10')).toContain('Give a version from 1.5 on');
});
