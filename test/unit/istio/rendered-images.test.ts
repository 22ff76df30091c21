import { expect, test } from '@jest/globals';
import { imagesOf } from '../../../src/istio/rendered-images.ts';

const workload = (containers: Record<string, string>, initContainers: Record<string, string> = {}) => {
  const list = (of: Record<string, string>) => Object.entries(of).map(([name, image]) => ({ name, image }));
  const spec = { containers: list(containers), initContainers: list(initContainers) };
  return { kind: 'Deployment', spec: { template: { spec } } };
};

test("images of Istio's own containers are Istio's, whatever somebody has put beside them", () => {
  expect(
    imagesOf(
      workload({ 'istio-proxy': 'proxyv2:1.31.0', nginx: 'nginx:1.21.6' }, { wait: 'busybox:1.36.1' }),
    ),
  ).toEqual(['proxyv2:1.31.0']);
  expect(
    imagesOf(workload({ discovery: 'mirror/anything:1.30.3', helper: 'curlimages/curl:8.1.0' })),
  ).toEqual(['mirror/anything:1.30.3']);
  expect(imagesOf(workload({ 'install-cni': 'cni:1.31.0' }, { 'istio-validation': 'proxyv2:1' }))).toEqual([
    'proxyv2:1',
    'cni:1.31.0',
  ]);
  expect(imagesOf({ kind: 'Deployment', spec: { template: { spec: { containers: [null, 'x'] } } } })).toEqual(
    [],
  );
});
