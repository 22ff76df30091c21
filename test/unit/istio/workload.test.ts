import { expect, test } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { frameOf } from '../../../src/istio/frame.ts';
import { workloadOf } from '../../../src/istio/workload.ts';
import { OLD, revisionWebhook } from '../../support/mesh.ts';

const frame = frameOf({
  istioNamespace: 'istio-system',
  systemDeployments: [],
  systemServices: [],
  mutating: [revisionWebhook(OLD.revision)],
  validating: [],
  namespaces: [{ metadata: { name: 'a', labels: { 'istio.io/rev': OLD.revision } } }],
  gateways: [],
  owned: [],
});
const variantOf = (annotations: Record<string, string>) => {
  const object: WorkloadObject = {
    metadata: { name: 'p', namespace: 'a' },
    spec: { template: { metadata: { annotations }, spec: { containers: [] } } },
  };
  const workload = workloadOf('Deployment', object, frame);
  expect(workload).toBeDefined();
  return workload?.proxyVariant;
};

test("a workload tells the variant of the proxy's image that its template asks for", () => {
  expect(variantOf({ 'sidecar.istio.io/proxyImageType': 'distroless' })).toBe('distroless');
  expect(variantOf({})).toBeUndefined();
});

const ofApi = (namespace: string, containers: WorkloadObject['spec']['template']['spec']['containers']) =>
  workloadOf(
    'Deployment',
    {
      metadata: { name: 'web', namespace },
      spec: {
        template: {
          metadata: { labels: { 'gateway.networking.k8s.io/gateway-name': 'web' } },
          spec: { containers },
        },
      },
    },
    frame,
  );

test('a gateway of another implementation of the Gateway API is nothing of the mesh, or like any other that is injected', () => {
  expect(ofApi('outside', [{ name: 'nginx' }])).toBeUndefined();
  expect(ofApi('a', [{ name: 'nginx' }])).toMatchObject({ gateway: undefined, injectedBy: [OLD.revision] });
});

test('a gateway whose proxy asks the istiod of another mesh is nothing of this one (M03)', () => {
  const asking = (istiod: string) => [
    {
      name: 'istio-proxy',
      env: [{ name: 'PROXY_CONFIG', value: JSON.stringify({ discoveryAddress: `${istiod}.svc:15012` }) }],
    },
  ];
  expect(ofApi('outside', asking('istiod-openshift-gateway.openshift-ingress'))).toBeUndefined();
  expect(ofApi('outside', asking('istiod.istio-system'))).toMatchObject({ gateway: 'gateway-api' });
});
