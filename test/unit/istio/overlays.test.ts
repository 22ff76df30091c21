import { describe, expect, test } from '@jest/globals';
import { judgeOverlays } from '../../../src/istio/overlays.ts';

const named = (kind: string, ...names: string[]) => names.map((name) => ({ kind, name }));
const canary = [
  ...named('Deployment', 'istiod-1-31-0'),
  ...named('ConfigMap', 'istio-1-31-0', 'istio-sidecar-injector-1-31-0'),
  ...named('ClusterRole', 'istiod-clusterrole-1-31-0-istio-system'),
];
const overlay = (kind: string, name: string) => ({ k8s: { overlays: [{ kind, name, patches: [] }] } });
const told = (components: object, objects = canary, revision = '1-31-0', without?: 'gateways') =>
  judgeOverlays({ spec: { components }, objects, without }, revision).map(
    ({ object, remedy = '' }) => `${object ?? ''} => ${remedy.split(/ in the overlay|\./)[0] ?? ''}`,
  );

describe('an overlay that aims at nothing is told', () => {
  test.each([
    ['Deployment', 'istiod', 'Name it istiod-1-31-0'],
    ['Deployment', 'istiod-1-30-3', 'Name it istiod-1-31-0'],
    ['ConfigMap', 'istio-sidecar-injector-1-30-3', 'Name it istio-sidecar-injector-1-31-0'],
    ['ConfigMap', 'istio-blue', 'Name it istio-1-31-0'],
    [
      'ClusterRole',
      'istiod-clusterrole-1-30-3-istio-system',
      'Name it istiod-clusterrole-1-31-0-istio-system',
    ],
    ['ClusterRole', 'istiod-clusterrole-istio-system', 'Name it istiod-clusterrole-1-31-0-istio-system'],
    ['Deployment', 'gateway', 'Correct kind and name'],
    ['Service', 'istiod', 'Correct kind and name'],
  ])('%s %s: %s', (kind, name, remedy) => {
    expect(told({ pilot: overlay(kind, name) })).toEqual([`${kind} ${name} => ${remedy}`]);
  });

  test('in place with the name that has no revision', () => {
    const objects = named('Deployment', 'istiod', 'istio-ingressgateway');
    expect(told({ pilot: overlay('Deployment', 'istiod-1-30-3') }, objects, 'default')).toEqual([
      'Deployment istiod-1-30-3 => Name it istiod',
    ]);
  });

  test('of a gateway only where gateways are installed along', () => {
    const gateway = overlay('Deployment', 'istio-ingressgateway');
    const components = { ingressGateways: [gateway], egressGateways: [gateway] };
    expect(told(components, canary, '1-31-0', 'gateways')).toEqual([]);
    expect(told(components)).toHaveLength(2);
    expect(told(components, [...canary, ...named('Deployment', 'istio-ingressgateway')])).toEqual([]);
  });
});
