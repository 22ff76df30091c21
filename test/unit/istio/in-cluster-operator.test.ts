import { describe, expect, test } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { inClusterOperatorOf, withOperators } from '../../../src/istio/in-cluster-operator.ts';
import { OLD, plane } from '../../support/mesh.ts';

/** As `istioctl operator init` makes it. */
const operator = (env: Readonly<Record<string, string>> = {}, replicas = 1): WorkloadObject => ({
  metadata: { name: 'istio-operator', namespace: 'istio-operator' },
  spec: {
    replicas,
    template: {
      spec: {
        containers: [
          {
            name: 'istio-operator',
            image: 'docker.io/istio/operator:1.23.6',
            command: ['operator', 'server'],
            env: Object.entries({ WATCH_NAMESPACE: 'istio-system', REVISION: '', ...env }).map(
              ([name, value]) => ({ name, value }),
            ),
          },
        ],
      },
    },
  },
});

/** Maistra's has the same names, and no command of that program's. */
const MAISTRA: WorkloadObject = {
  metadata: { name: 'istio-operator', namespace: 'openshift-operators' },
  spec: {
    template: { spec: { containers: [{ name: 'istio-operator', command: ['istio-operator'] }] } },
  },
};

const ownerOf = (object: WorkloadObject, changes = {}) => {
  const found = inClusterOperatorOf(object);
  const planes = [plane(OLD.revision, OLD.version, changes)];
  return withOperators(planes, found === undefined ? [] : [found], 'istio-system')[0]?.owner;
};

describe('Istio’s in-cluster operator labels as istioctl does', () => {
  test.each<[string, WorkloadObject, object, string]>([
    ['it may have installed what is in its namespace', operator(), {}, 'operator'],
    ['it watches all namespaces', operator({ WATCH_NAMESPACE: '' }), {}, 'operator'],
    ['it watches some', operator({ WATCH_NAMESPACE: 'a,istio-system' }), {}, 'operator'],
    ['it watches others', operator({ WATCH_NAMESPACE: 'istio-blue' }), {}, 'istioctl'],
    [
      'it watches where the IstioOperator is, and not the control plane',
      operator({ WATCH_NAMESPACE: 'config' }),
      { madeIn: 'config' },
      'operator',
    ],
    ['it is of the revision', operator({ REVISION: OLD.revision }), {}, 'operator'],
    ['it is of another revision', operator({ REVISION: '1-29-6' }), {}, 'istioctl'],
    ['it is scaled to zero', operator({}, 0), {}, 'istioctl'],
    ['another one of that name', MAISTRA, {}, 'istioctl'],
    ['who else owns it is known', operator(), { owner: 'helm' }, 'helm'],
  ])('%s', (_, object, changes, owner) => {
    expect(ownerOf(object, changes)).toBe(owner);
  });

  test('it is named', () => {
    const [found] = [inClusterOperatorOf(operator())].filter((item) => item !== undefined);
    const planes = withOperators(
      [plane(OLD.revision, OLD.version)],
      found === undefined ? [] : [found],
      'istio-system',
    );
    expect(planes[0]?.operator).toEqual({ namespace: 'istio-operator', name: 'istio-operator' });
  });
});
