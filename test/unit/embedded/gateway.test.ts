import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isMissing } from '../../../embedded/istio/images.ts';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: 'old', version: '1.30.3' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'edge' } });
}, 60_000);
afterAll(() => cluster.close());

test('a gateway written by hand connects to the istiod of its arguments, with the version it reports (M08, M25)', async () => {
  const labels = { app: 'edge' };
  const annotations = { 'testbed/proxy-version': '1.30.3-solo' };
  const args = ['proxy', 'router', '--discoveryAddress', 'istiod-old.istio-system.svc:15012'];
  const containers = [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.3', args }];
  cluster.create({
    kind: 'Deployment',
    metadata: { name: 'edge', namespace: 'edge' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers } },
    },
  });
  await cluster.settled();
  const { stdout } = await cluster.istioctl('1.30.3', 'proxy-status', '--revision', 'old');
  expect(stdout).toMatch(/edge-.*\.edge .*1\.30\.3-solo/);
});

test.each([
  ['1.30.3-solo', false],
  ['1.30.3-solo-distroless', false],
  ['1.30.4-solo', true],
  ['1.30.3-rc.1', true],
])('the image of %s is missing: %s (M25)', (tag, missing) => {
  expect(isMissing(`docker.io/istio/proxyv2:${tag}`, ['1.30.3'])).toBe(missing);
});
