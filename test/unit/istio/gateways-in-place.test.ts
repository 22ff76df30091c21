import { expect, test } from '@jest/globals';
import { withoutGateways } from '../../../src/istio/gateways-in-place.ts';
import type { RenderedObject } from '../../../src/istioctl/manifest.ts';
import { installedGateway } from '../../support/mesh.ts';

const object = (kind: string, namespace: string, name: string, component = 'IngressGateways') =>
  ({ kind, namespace, name, component }) as RenderedObject;

test.each([
  ['its Deployment', object('Deployment', 'istio-system', 'gw'), false],
  ['its account', object('ServiceAccount', 'istio-system', 'gw-service-account'), false],
  ['its role', object('Role', 'istio-system', 'gw-sds'), false],
  ['another one, whose name begins like it', object('Deployment', 'istio-system', 'gw-internal'), true],
  ['another one of its name elsewhere', object('Deployment', 'edge', 'gw'), true],
  ['a part of the control plane', object('Deployment', 'istio-system', 'gw', 'Pilot'), true],
])('of what is rendered beside a gateway that is there, %s is judged as new: %3$s', (_, one, isNew) => {
  const installedGateways = [installedGateway('istio-system/gw', 'default')];
  expect(withoutGateways([one], { installedGateways })).toEqual(isNew ? [one] : []);
});
