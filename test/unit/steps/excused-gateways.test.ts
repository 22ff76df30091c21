import { expect, test } from '@jest/globals';
import { excusedGateways } from '../../../src/steps/excused-gateways.ts';
import { installedGateway, mesh, workload } from '../../support/mesh.ts';

const EDGE = 'Deployment istio-system/edge';
const PENDING = {
  done: false,
  desired: 3,
  updated: 2,
  available: 2,
  message: '2 of 3 replicas are available',
};
/** As istioctl 1.31.0 says it (recording 031-install-not-ready-timeout). */
const WORDS =
  'Error: failed to install manifests: failed to wait for resource: resources not ready after 6s: context deadline exceeded';

const excused = (troubled: string[], words = WORDS, unwell = ['istio-system/edge']) =>
  excusedGateways(
    mesh({
      planes: [],
      installedGateways: ['istio-system/edge', 'istio-system/other'].map((name) =>
        installedGateway(name, 'default'),
      ),
      workloads: ['istio-system/edge', 'istio-system/other'].map((name) =>
        workload(name, { gateway: 'installed', ...(unwell.includes(name) ? { rollout: PENDING } : {}) }),
      ),
    }),
    { words },
    new Set(troubled),
  ).map(({ id, severity, object = '' }) => `${severity} ${id} ${object}`);

test('a gateway that was broken before, and that istioctl has waited for in vain, is told and is no failure', () => {
  expect(excused([EDGE])).toEqual([`warning gateway-not-healthy ${EDGE}`]);
});

test('one that was well, another one beside it, or another reason is a failure', () => {
  expect(excused([])).toEqual([]);
  expect(excused([EDGE], WORDS, ['istio-system/edge', 'istio-system/other'])).toEqual([]);
  expect(excused([EDGE], 'Error: failed to create resource: forbidden')).toEqual([]);
  expect(excused([EDGE], WORDS, [])).toEqual([]);
});
