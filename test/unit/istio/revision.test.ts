import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deriveRevision,
  injectorName,
  istiodName,
  revisionFlaw,
  tagFlaw,
  tagServiceName,
  tagWebhookName,
  validatorName,
} from '../../../src/istio/revision.ts';
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

  test('a tag has room in the name of its Service', () => {
    expect(tagFlaw('default')).toBeUndefined();
    expect(tagFlaw('a'.repeat(44))).toContain('43');
    expect(tagServiceName('a'.repeat(43))).toHaveLength(63);
  });
});

describe('names of objects', () => {
  test('carry the revision, but not for the control plane without one', () => {
    expect(istiodName('default')).toBe('istiod');
    expect(istiodName('canary')).toBe('istiod-canary');
    expect(injectorName('default', 'istio-system')).toBe('istio-sidecar-injector');
    expect(validatorName('default', 'istio-system')).toBe('istio-validator-istio-system');
  });

  test('carry the namespace where it is not istio-system, as istioctl made them', () => {
    const { stdout } = recording('1.31.0', '468');
    for (const name of [
      istiodName('alt'),
      injectorName('alt', 'istio-alt'),
      validatorName('alt', 'istio-alt'),
    ]) {
      expect(stdout).toContain(`/${name}.`);
    }
    expect(tagWebhookName('prod', 'istio-alt')).toBe('istio-revision-tag-prod-istio-alt');
  });

  test('are those that istioctl made in istio-system', () => {
    const { stdout } = recording('1.31.0', '113');
    const revision = '1-31-0';
    const names = [
      istiodName(revision),
      injectorName(revision, 'istio-system'),
      validatorName(revision, 'istio-system'),
      tagWebhookName('default', 'istio-system'),
      tagServiceName('default'),
    ];
    for (const name of names) expect(stdout).toContain(`/${name}.`);
  });
});
