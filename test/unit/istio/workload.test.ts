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
