import { expect, test } from '@jest/globals';
import { exposedIstiod, routeOf } from '../../../src/istio/exposed-istiod.ts';

const virtualService = (namespace: string, spec: object) =>
  routeOf({ kind: 'VirtualService' }, { metadata: { namespace, name: 'way' }, spec });
const to = (host: string) => [{ route: [{ destination: { host, port: { number: 15012 } } }] }];
const MESH = { istioNamespace: 'istio-system', from: '1-30-3', to: '1-31-0' };
const told = (...routes: ReturnType<typeof routeOf>[]) => exposedIstiod(routes, MESH, 'error').length;

test.each([
  'istiod-1-30-3.istio-system.svc.cluster.local',
  'istiod-1-30-3.istio-system.svc.corp.example',
  'istiod-1-30-3.istio-system.svc',
  'istiod-1-30-3.istio-system',
  'istiod-1-30-3',
])('a VirtualService that leads to %s leads to the istiod that goes', (host) => {
  expect(told(virtualService('istio-system', { tls: to(host) }))).toBe(1);
  expect(told(virtualService('istio-system', { tcp: to(host) }))).toBe(1);
  expect(told(virtualService('istio-system', { http: to(host) }))).toBe(1);
});

test('one to somebody else does not', () => {
  expect(told(virtualService('edge', { tls: to('istiod-1-30-3') }))).toBe(0);
  expect(told(virtualService('istio-system', { tls: to('istiod-1-31-0.istio-system.svc') }))).toBe(0);
  expect(told(virtualService('istio-system', { tls: to('istiod-1-30-3.example.com') }))).toBe(0);
  expect(told(virtualService('istio-system', { tls: to('istiod.istio-system.svc') }))).toBe(0);
  expect(told(virtualService('istio-system', {}), virtualService('istio-system', { tls: [{}] }))).toBe(0);
});

test('a mirror counts, and so does the Service of a control plane without a revision', () => {
  const host = 'istiod.istio-system.svc.cluster.local';
  const route = virtualService('edge', { http: [{ mirror: { host } }] });
  const unrevisioned = exposedIstiod([route], { ...MESH, from: 'default' }, 'warning');
  expect(unrevisioned).toMatchObject([
    { id: 'still-in-use', severity: 'warning', object: 'VirtualService edge/way' },
  ]);
  expect(unrevisioned[0]?.remedy).toContain('istiod-1-31-0.istio-system');
});

test('a route of the Gateway API is read by its backends', () => {
  const route = (backend: object, namespace = 'istio-system') =>
    routeOf(
      { kind: 'TLSRoute' },
      { metadata: { namespace, name: 'way' }, spec: { rules: [{ backendRefs: [backend] }] } },
    );
  expect(told(route({ name: 'istiod-1-30-3', port: 15012 }))).toBe(1);
  expect(told(route({ name: 'istiod-1-30-3', namespace: 'istio-system' }, 'edge'))).toBe(1);
  expect(told(route({ name: 'istiod-1-30-3' }, 'edge'))).toBe(0);
  expect(told(route({ kind: 'ServiceImport', name: 'istiod-1-30-3' }))).toBe(0);
});
