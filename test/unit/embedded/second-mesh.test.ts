import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';

const APART = 'values.global.istioNamespace=istio-blue';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: 'red' });
  const args = ['--set', 'profile=minimal', '--revision', 'blue', '--set', APART, '-y'];
  const { code, stderr } = await cluster.istioctl('1.31.0', 'install', ...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'theirs', labels: { 'istio.io/rev': 'blue' } } });
  const spec = { containers: [{ name: 'app', image: 'app:1' }] };
  cluster.create({ kind: 'Pod', metadata: { name: 'app', namespace: 'theirs' }, spec });
  await cluster.settled();
}, 60_000);
afterAll(() => cluster.close());

test('a second mesh lives, and injects, from a namespace of its own (M03)', () => {
  expect(cluster.get('Deployment', 'istiod-blue', 'istio-blue')).toBeDefined();
  expect(cluster.get('Deployment', 'istiod-blue', 'istio-system')).toBeUndefined();
  const webhooks = cluster.get(
    'MutatingWebhookConfiguration',
    'istio-sidecar-injector-blue-istio-blue',
  )?.webhooks;
  expect(webhooks?.map(({ clientConfig }) => clientConfig.service?.namespace)).toEqual([
    'istio-blue',
    'istio-blue',
  ]);
  const pod = cluster.get('Pod', 'app', 'theirs')!;
  const proxy = pod.spec.initContainers?.find(({ name }) => name === 'istio-proxy');
  expect(proxy?.env).toContainEqual({ name: 'CA_ADDR', value: 'istiod-blue.istio-blue.svc:15012' });
});

test('whose proxies its own istiod lists, and the first mesh’s does not (M03)', async () => {
  const ask = async (namespace: string, revision: string) =>
    (await cluster.istioctl('1.31.0', 'proxy-status', '-i', namespace, '--revision', revision)).stdout;
  expect(await ask('istio-blue', 'blue')).toContain('app.theirs');
  expect(await ask('istio-system', 'red')).not.toContain('app.theirs');
});
