import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveRevision, istiodName, revisionFlaw } from '../../../src/istio/revision.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import { recording } from '../istioctl/recording.ts';

describe('the name of a revision', () => {
  test('comes from the version, without dots (H51)', () => {
    expect(deriveRevision(parseVersion('1.31.0'))).toBe('1-31-0');
    expect(deriveRevision(parseVersion('1.31.0-rc.1'))).toBe('1-31-0-rc-1');
  });

  test('that comes from a version is a good one', () => {
    const parts = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)).map((numbers) => numbers.join('.'));
    fc.assert(
      fc.property(parts, (text) => expect(revisionFlaw(deriveRevision(parseVersion(text)))).toBeUndefined()),
    );
  });

  test.each(['1.31.0', 'Canary', '-a', 'a-', '', 'a_b', 'a/b', 'ä', 'a'.repeat(57), 'default'])(
    'is not %j',
    (name) => {
      expect(revisionFlaw(name)).toEqual(expect.any(String));
    },
  );

  test.each(['canary', '1-31-0', 'a', '9', 'a'.repeat(56)])('may be %j', (name) => {
    expect(revisionFlaw(name)).toBeUndefined();
    expect(istiodName(name).length).toBeLessThanOrEqual(63);
  });
});

describe("istiod's name", () => {
  test('carries the revision, but not for the control plane without one', () => {
    expect(istiodName('default')).toBe('istiod');
    expect(istiodName('canary')).toBe('istiod-canary');
  });

  test.each([
    ['alt', '468'],
    ['1-31-0', '113'],
  ])('is the one that istioctl gave revision %s', (revision, number) => {
    expect(recording('1.31.0', number).stdout).toContain(`/${istiodName(revision)}.`);
  });
});
