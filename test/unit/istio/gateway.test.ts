import { describe, expect, test } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { gatewayKindOf, servesThroughout } from '../../../src/istio/gateway.ts';

const workload = (spec: object = {}, template: object = {}, labels = {}, status = {}): WorkloadObject => ({
  metadata: { name: 'w', namespace: 'a', labels },
  spec: { template: { metadata: template, spec: { containers: [] } }, ...spec },
  status,
});

/** The data plane of a Gateway of the Kubernetes Gateway API. */
const ofApi = (labels: object, containers: readonly string[]) =>
  workload({
    template: {
      metadata: { labels: { 'gateway.networking.k8s.io/gateway-name': 'web', ...labels } },
      spec: { containers: containers.map((name) => ({ name })) },
    },
  });

const MANAGED = { 'operator.istio.io/managed': 'Reconcile' };

describe('what kind of gateway a workload is', () => {
  test.each([
    ['installed', workload({}, {}, { ...MANAGED, 'operator.istio.io/component': 'IngressGateways' })],
    ['installed', workload({}, {}, { ...MANAGED, 'operator.istio.io/component': 'EgressGateways' })],
    ['applied', workload({}, {}, { 'operator.istio.io/component': 'EgressGateways' })],
    ['injected', workload({}, { annotations: { 'inject.istio.io/templates': 'gateway' } })],
    ['injected', workload({}, { annotations: { 'inject.istio.io/templates': 'sidecar, gateway' } })],
    // Older istiods give it no label of their own: its proxy tells.
    ['gateway-api', ofApi({}, ['istio-proxy'])],
    ['gateway-api', ofApi({ 'gateway.istio.io/managed': 'istio.io-gateway-controller' }, ['istio-proxy'])],
    ['gateway-api', ofApi({ 'gateway.istio.io/managed': 'istio.io-mesh-controller' }, ['istio-proxy'])],
    // Istio's class with another data plane.
    [
      'gateway-api',
      ofApi({ 'gateway.istio.io/managed': 'istio.io-agentgateway-controller' }, ['agentgateway']),
    ],
    // Another implementation of the Gateway API, whose label it is.
    [undefined, ofApi({}, ['nginx'])],
    [undefined, workload({}, { annotations: { 'inject.istio.io/templates': 'my-gateway-like' } })],
    [undefined, workload()],
  ])('%s', (kind, item) => {
    expect(gatewayKindOf(item)).toBe(kind);
  });
});

describe('whether a restart leaves a pod serving at every moment', () => {
  const rolling = (rollingUpdate: object) => ({ strategy: { type: 'RollingUpdate', rollingUpdate } });
  test.each([
    ['one replica and the defaults: 25 % of one is none', true, { replicas: 1 }],
    ['no word of replicas is one', true, {}],
    ['Recreate', false, { replicas: 3, strategy: { type: 'Recreate' } }],
    ['none is wanted', true, { replicas: 0, strategy: { type: 'Recreate' } }],
    ['all may be unavailable', false, { replicas: 3, ...rolling({ maxUnavailable: '100%' }) }],
    ['as many as there are', false, { replicas: 2, ...rolling({ maxUnavailable: 2 }) }],
    ['one of two', true, { replicas: 2, ...rolling({ maxUnavailable: 1 }) }],
    [
      'neither more nor less takes one',
      false,
      { replicas: 1, ...rolling({ maxUnavailable: 0, maxSurge: 0 }) },
    ],
    [
      'neither more nor less takes one of two',
      true,
      { replicas: 2, ...rolling({ maxUnavailable: 0, maxSurge: 0 }) },
    ],
  ])('a Deployment: %s', (_, serves, spec) => {
    expect(servesThroughout('Deployment', workload(spec))).toBe(serves);
  });

  test('a StatefulSet or DaemonSet replaces a pod in its place, one at least', () => {
    expect(servesThroughout('StatefulSet', workload({ replicas: 1 }))).toBe(false);
    expect(servesThroughout('StatefulSet', workload({ replicas: 2 }))).toBe(true);
    const nodes = (desiredNumberScheduled: number) => workload({}, {}, {}, { desiredNumberScheduled });
    expect(servesThroughout('DaemonSet', nodes(1))).toBe(false);
    expect(servesThroughout('DaemonSet', nodes(3))).toBe(true);
  });
});
