import { describe, expect, test } from '@jest/globals';
import { PUBLISHED_SUMS, publishedSum } from '../../../src/istioctl/published-sums.ts';
import { changedSince } from '../../../src/istioctl/tripwire.ts';

describe('published sums', () => {
  test('each is of a release for a machine', () => {
    const wrong = PUBLISHED_SUMS.filter(
      ([key, sum]) =>
        !/^1\.\d+\.\d+\/(linux-(amd64|arm64|armv7)|osx-(amd64|arm64))$/.test(key) ||
        !/^[0-9a-f]{64}$/.test(sum),
    );
    expect(wrong).toEqual([]);
  });

  test('are found by version and machine, and only there', () => {
    const published = { '1.31.0/linux-amd64': 'a'.repeat(64) };
    expect(publishedSum('1.31.0', 'linux-amd64', published)).toBe('a'.repeat(64));
    expect(publishedSum('1.31.0', 'linux-arm64', published)).toBeUndefined();
    expect(publishedSum('__proto__', '', published)).toBeUndefined();
  });
});

describe('the sum in the record', () => {
  const release = { version: '1.30.3', input: 'previous-istioctl-sha256' } as const;
  const recorded = { source: 'https://mirror.example/istioctl.tar.gz', sha256: 'a'.repeat(64) };

  test('trips where the program from the same place is another one', () => {
    const finding = changedSince(recorded, { ...recorded, sha256: 'b'.repeat(64) }, release, false);
    expect(finding).toMatchObject({ id: 'istioctl-changed', severity: 'error' });
    expect(finding?.message).toMatch(/1\.30\.3.*mirror\.example.*a{64}.*b{64}/);
    expect(finding?.remedy).toContain('previous-istioctl-sha256');
    // A path says nothing of the machine that it is on.
    expect(finding?.remedy).toContain('on this machine');
  });

  test.each([
    ['it is the same', recorded, recorded, false],
    [
      'it is from elsewhere: another machine has another program',
      recorded,
      { source: 'x', sha256: 'y' },
      false,
    ],
    ['nothing was recorded', undefined, recorded, false],
    ['the sum was given', recorded, { ...recorded, sha256: 'b' }, true],
  ] as const)('does not where %s', (_why, before, now, pinned) => {
    expect(changedSince(before, now, release, pinned)).toBeUndefined();
  });
});
