import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call } from './client.ts';

let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop' } });
}, 60_000);
afterAll(() => cluster.close());

function policy(name: string, resources: string, annotations: Record<string, string>): void {
  const [operations, apiVersions] = [['*'], ['*']];
  cluster.create({
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name, annotations },
    webhooks: [
      {
        name: `${name}.policy.embedded`,
        clientConfig: { url: `https://policy.embedded/${name}` },
        rules: [{ operations, apiGroups: [''], apiVersions, resources: [resources] }],
      },
    ],
  });
}
const label = () =>
  call(cluster, 'PATCH', '/api/v1/namespaces/shop?dryRun=All', {
    body: { metadata: { labels: { a: 'b' } } },
    type: 'application/merge-patch+json',
  });
const pod = (ownerReferences: object[]) =>
  call(cluster, 'POST', '/api/v1/namespaces/shop/pods?dryRun=All', {
    body: {
      metadata: { name: 'a', ownerReferences },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  });

test('a policy refuses what its annotation says, in the API server’s words and with its status (M32)', async () => {
  expect((await label()).status).toBe(200);
  policy('frozen', 'namespaces', {
    'embedded/refuses': 'PATCH namespaces',
    'embedded/status': '403',
    'embedded/words': 'labels are managed by Git',
  });
  const { status, body } = await label();
  expect({ status, reason: body.reason, message: body.message }).toEqual({
    status: 403,
    reason: 'Forbidden',
    message: 'admission webhook "frozen.policy.embedded" denied the request: labels are managed by Git',
  });
  cluster.create({ kind: 'Namespace', metadata: { name: 'other' } });
  cluster.remove('ValidatingWebhookConfiguration', 'frozen');
  expect((await label()).status).toBe(200);
});

test('a policy may refuse pods that nobody owns, dry runs too; without words it gives none (M26)', async () => {
  policy('owned', 'pods', { 'embedded/refuses': 'CREATE pods without-owner' });
  const { status, body } = await pod([]);
  expect({ status, message: body.message }).toEqual({
    status: 400,
    message: 'admission webhook "owned.policy.embedded" denied the request without explanation',
  });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a', uid: 'u', controller: true };
  expect((await pod([owner])).status).toBe(201);
});

test('a policy that says nothing understandable is an error, not a permission', async () => {
  cluster.remove('ValidatingWebhookConfiguration', 'owned');
  policy('vague', 'pods', { 'embedded/refuses': 'everything' });
  expect((await pod([])).status).toBe(501);
});
