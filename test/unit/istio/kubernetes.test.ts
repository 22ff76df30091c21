import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkKubernetes } from '../../../src/istio/kubernetes.ts';
import { parseVersion } from '../../../src/istio/version.ts';

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
    ['1.31.0', 'v1.35.4', 'kubernetes-range-unknown', 'info'],
    ['1.30.3', 'v2.0.0', 'kubernetes-range-unknown', 'info'],
    ['1.30.3', '', 'kubernetes-range-unknown', 'info'],
  ])('for Istio %s, %j is %s', (istio, kubernetes, id, severity) => {
    const findings = check(istio, kubernetes);
    expect(findings).toMatchObject([{ id, severity }]);
    expect(findings[0]!.remedy).toBeTruthy();
  });

  test('a version that the table does not know is never refused', () => {
    const unknown = fc.integer({ min: 31, max: 200 });
    fc.assert(
      fc.property(unknown, fc.string(), (minor, kubernetes) => {
        expect(check(`1.${minor}.0`, kubernetes).every(({ severity }) => severity === 'info')).toBe(true);
      }),
    );
  });
});
