import { expect, test } from '@jest/globals';
import { notYet } from '../../../src/checks/not-yet.ts';
import { type UnmovedKind, unmovedKindOf } from '../../../src/istio/unmoved-gateway.ts';
import { checkView } from '../../support/check-view.ts';
import { workload } from '../../support/mesh.ts';

test.each<[string, UnmovedKind, RegExp, RegExp]>([
  ['istio-waypoint', 'waypoint', /a waypoint/, /istioctl waypoint delete/],
  ['istio-east-west', 'east-west', /an east-west gateway/, /one cluster after the other/],
  ['istio-remote', 'remote', /gateway of another cluster/, /by hand/],
  ['istio', 'own-address', /address of a Service/, /spec\.addresses/],
  ['istio-else', 'other', /does not move yet/, /by hand/],
])(
  'H27: a Gateway of class %s is refused by its name, with what can be done',
  (className, kind, says, remedy) => {
    expect(unmovedKindOf({ spec: { gatewayClassName: className } })).toBe(kind);
    const view = checkView({ planes: [], gateways: ['Gateway edge/web'] });
    const [finding] = notYet({ ...view, mesh: { ...view.mesh, unmoved: { 'Gateway edge/web': kind } } });
    expect(finding).toMatchObject({
      id: 'gateways-not-yet-moved',
      severity: 'error',
      object: 'Gateway edge/web',
    });
    expect(finding?.message).toMatch(says);
    expect(finding?.remedy).toMatch(remedy);
  },
);

test('T20: so is what Helm has made of the older charts', () => {
  const [finding] = notYet(checkView({ planes: [], gateways: ['Deployment edge/ingress'] }));
  expect(finding?.message).toContain('older charts');
  expect(finding?.remedy).toContain('chart "gateway"');
});

test('the Deployment of a Gateway that is not moved is no chart’s', () => {
  const made = workload('edge/web', { gateway: 'gateway-api' });
  const [finding] = notYet(checkView({ planes: [], gateways: ['Deployment edge/web'], workloads: [made] }));
  expect(finding?.message).toContain('does not move yet');
});
