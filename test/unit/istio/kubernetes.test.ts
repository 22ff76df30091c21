import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { versions } from '../../../testbed/release.ts';
import { KNOWN_MINORS, LOOKED_UP, checkKubernetes } from '../../../src/istio/kubernetes.ts';
import { minorOf, parseVersion } from '../../../src/istio/version.ts';

const check = (istio: string, kubernetes: string) => checkKubernetes(parseVersion(istio), kubernetes);

describe('Kubernetes', () => {
  test.each(['v1.35.4', '1.32.0', 'v1.32.3-eks-bcf3d70', 'v1.33.5-gke.1014001', '1.34+', 'v1.36.0-rc.1'])(
    '%s goes with Istio 1.30',
    (version) => {
      expect(check('1.30.3', version)).toEqual([]);
    },
  );

  test.each([
    ['1.30.3', 'v1.31.9', 'kubernetes-too-old', 'error'],
    ['1.29.6', 'v1.30.0', 'kubernetes-old', 'warning'],
    ['1.29.6', 'v1.36.0', 'kubernetes-newer-than-tested', 'warning'],
    ['1.31.0', 'v1.37.0', 'kubernetes-newer-than-tested', 'warning'],
    ['1.31.0', 'v1.31.0', 'kubernetes-too-old', 'error'],
    ['1.32.0', 'v1.35.4', 'kubernetes-range-unknown', 'warning'],
    ['1.30.3', 'v2.0.0', 'kubernetes-range-unknown', 'warning'],
    ['1.30.3', '', 'kubernetes-range-unknown', 'warning'],
  ])('for Istio %s, %j is %s', (istio, kubernetes, id, severity) => {
    const findings = check(istio, kubernetes);
    expect(findings).toMatchObject([{ id, severity }]);
    expect(findings[0]!.remedy).toBeTruthy();
  });

  test('each Istio that the testbed or an example names has its row, or was looked up and not found', () => {
    const examples = new URL('../../../examples/', import.meta.url);
    const texts = readdirSync(examples).map((name) => readFileSync(new URL(name, examples), 'utf8'));
    const named = texts.flatMap((text) => text.match(/\b1\.(?:2\d|[3-9]\d)\.\d+\b/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    const minors = new Set([...versions, ...named].map((text) => minorOf(parseVersion(text))));
    const known = [...KNOWN_MINORS, ...LOOKED_UP.notAnnounced];
    expect([...minors].filter((minor) => !known.includes(minor))).toEqual([]);
  });

  test('what was looked up and not found has no row, and is the next one', () => {
    const newest = Number(KNOWN_MINORS.at(-1)?.split('.')[1]);
    expect(LOOKED_UP.notAnnounced).toEqual([`1.${String(newest + 1)}`]);
    expect(check(`${LOOKED_UP.notAnnounced[0]}.0`, 'v1.35.4')[0]?.message).toContain(LOOKED_UP.on);
  });

  test('a version that the table does not know is never refused', () => {
    const unknown = fc.integer({ min: 32, max: 200 });
    fc.assert(
      fc.property(unknown, fc.string(), (minor, kubernetes) => {
        expect(check(`1.${minor}.0`, kubernetes).every(({ severity }) => severity === 'warning')).toBe(true);
      }),
    );
  });
});
