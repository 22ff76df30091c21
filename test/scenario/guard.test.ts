import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Phase } from '../../src/outcome.ts';
import { NEW, OLD, TARGET, expectAllOn, expectEnding, withCluster } from '../support/cluster.ts';
import { inside } from '../support/testbed.ts';

const ROLES = new URL('../../roles/', import.meta.url);
const GUARD = fileURLToPath(new URL('guard.yaml', ROLES));
/** The name that is in the file. */
const USER = 'istio-upgrade';
const DENIED = 'the guard of istio-upgrade allows';

/** One upgrade there and back, and one to its end, with the guard in force; and what it is there to forbid (issue 12). */
describe('the guard', () => {
  const cluster = withCluster('guard');
  let kubeconfig = '';

  beforeAll(async () => {
    kubeconfig = cluster.newUser(USER);
    await cluster.kubectl('apply', '-f', fileURLToPath(new URL('upgrader.yaml', ROLES)));
    const role = 'istio-upgrade-upgrader';
    await cluster.kubectl('create', 'clusterrolebinding', role, `--clusterrole=${role}`, `--user=${USER}`);
    await cluster.kubectl(
      'create',
      'rolebinding',
      role,
      '-n',
      'istio-system',
      `--role=${role}`,
      `--user=${USER}`,
    );
    await cluster.kubectl('label', 'namespace', 'catalog', 'of-somebody=else');
    await cluster.kubectl('apply', '-f', GUARD);
    await untilInForce();
  }, 120_000);

  /** As the user whom the guard is for, but with all rights: only the guard says no. */
  const asAdmin = ['--as', USER, '--as-group', 'system:masters'];

  /** A policy takes some time until the API server heeds it. */
  async function untilInForce(): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      const { stderr } = await inside(cluster.name, [
        ...['kubectl', 'create', 'namespace', 'forbidden', '--dry-run=server'],
        ...asAdmin,
      ]);
      if (stderr.includes(DENIED)) return;
      await sleep(500);
    }
    throw new Error('the guard is not heeded');
  }

  const phase = (name: Phase, inputs: Record<string, string> = {}) =>
    cluster.phase(name, { inputs: { kubeconfig, ...inputs } });

  test('its expressions have no warning of their types', async () => {
    const [policy] = await cluster.list('validatingadmissionpolicy');
    const { status } = policy as { status?: { typeChecking?: { expressionWarnings?: unknown[] } } };
    expect(status?.typeChecking?.expressionWarnings ?? []).toEqual([]);
    expect(parseAllDocuments(readFileSync(GUARD, 'utf8'))).toHaveLength(2);
  });

  const template = (more: object): string => JSON.stringify({ spec: { template: more } });
  const cart = ['patch', 'deployment', 'cart', '-n', 'storefront', '-p'];
  const catalog = ['patch', 'namespace', 'catalog', '--type=merge', '-p'];
  const FORBIDDEN: readonly (readonly [what: string, argv: readonly string[], object?: object])[] = [
    ['a pod that stays', ['create', '-n', 'storefront', '-f', '-'], pod()],
    ['a pod in Istio’s namespace', ['create', '-n', 'istio-system', '-f', '-'], pod()],
    ['the end of a pod', ['delete', '--wait=false', 'pods', '--all', '-n', 'storefront']],
    ['a namespace', ['create', 'namespace', 'more']],
    ['the end of a namespace', ['delete', '--wait=false', 'namespace', 'catalog']],
    [
      'another label of a namespace',
      [...catalog, '{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}'],
    ],
    ['the loss of a label of a namespace', [...catalog, '{"metadata":{"labels":{"of-somebody":null}}}']],
    [
      'another annotation of a namespace',
      [...catalog, '{"metadata":{"annotations":{"scheduler.alpha.kubernetes.io/node-selector":"a=b"}}}'],
    ],
    ['a finalizer of a namespace', [...catalog, '{"metadata":{"finalizers":["a.b/c"]}}']],
    [
      'another image of a workload',
      [...cart, template({ spec: { containers: [{ name: 'app', image: 'evil.example/x' }] } })],
    ],
    ['another account of a workload', [...cart, template({ spec: { serviceAccountName: 'other' } })]],
    [
      'another annotation of a template',
      [...cart, template({ metadata: { annotations: { 'sidecar.istio.io/inject': 'false' } } })],
    ],
    [
      'another label of a template',
      [...cart, template({ metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } })],
    ],
    ['another label of a workload', [...cart, '{"metadata":{"labels":{"a":"b"}}}']],
    ['another annotation of a workload', [...cart, '{"metadata":{"annotations":{"a":"b"}}}']],
    ['another number of replicas', [...cart, '{"spec":{"replicas":9}}']],
    [
      'another number of replicas by scale',
      ['scale', 'deployment', 'cart', '-n', 'storefront', '--replicas=9'],
    ],
    ['a pause', [...cart, '{"spec":{"paused":true}}']],
    ['the end of a workload', ['delete', '--wait=false', 'statefulset', 'search', '-n', 'catalog']],
    ['a workload', ['create', 'deployment', 'evil', '--image=x', '-n', 'storefront']],
    ['a workload beside istiod', ['create', 'deployment', 'evil', '--image=x', '-n', 'istio-system']],
    [
      'a workload with the name of istiod elsewhere',
      ['create', 'deployment', 'istiod', '--image=x', '-n', 'storefront'],
    ],
    ['a webhook', ['create', '-f', '-'], webhook('evil')],
    [
      'a webhook of Istio’s name that asks somebody else',
      ['create', '-f', '-'],
      webhook('istio-revision-tag-evil', { url: 'https://evil.example' }),
    ],
    [
      'a webhook of Istio’s name for Secrets',
      ['create', '-f', '-'],
      webhook('istio-revision-tag-evil', undefined, ['secrets']),
    ],
    [
      'a validator',
      ['create', '-f', '-'],
      webhook('evil', undefined, ['*'], 'ValidatingWebhookConfiguration'),
    ],
    [
      'a validator of Istio’s name for everything',
      ['create', '-f', '-'],
      webhook('istio-validator-evil', undefined, ['*'], 'ValidatingWebhookConfiguration'),
    ],
    ['a cluster role', ['create', 'clusterrole', 'evil', '--verb=get', '--resource=secrets']],
    [
      'a cluster role of Istio’s name that holds everything',
      ['create', 'clusterrole', 'istiod-clusterrole-evil', '--verb=*', '--resource=secrets'],
    ],
    [
      'a cluster role of Istio’s name that gives rights',
      [
        'create',
        'clusterrole',
        'istiod-clusterrole-evil',
        '--verb=escalate',
        '--resource=clusterroles.rbac.authorization.k8s.io',
      ],
    ],
    ['a binding', ['create', 'clusterrolebinding', 'evil', '--clusterrole=cluster-admin', `--user=${USER}`]],
    [
      'a binding of Istio’s name',
      [
        'create',
        'clusterrolebinding',
        'istiod-clusterrole-evil',
        '--clusterrole=cluster-admin',
        '--serviceaccount=istio-system:istiod',
      ],
    ],
    [
      'a binding of Istio’s role to oneself',
      [
        'create',
        'clusterrolebinding',
        'istiod-clusterrole-evil',
        '--clusterrole=istiod-clusterrole-istio-system',
        `--user=${USER}`,
      ],
    ],
    [
      'a role elsewhere',
      ['create', 'role', 'istiod', '--verb=get', '--resource=secrets', '-n', 'storefront'],
    ],
    ['the end of a cluster role', ['delete', '--wait=false', 'clusterrole', 'view']],
    ['the end of a kind', ['delete', '--wait=false', 'crd', 'gateways.networking.istio.io']],
  ];

  // With as many values as the test takes: jest would hand in a callback for one that is missing, and wait for it.
  test.each(FORBIDDEN.map(([what, argv, object]) => [what, { argv, object }] as const))(
    'forbids %s',
    async (_what, { argv, object }) => {
      const { code, stderr } = await inside(
        cluster.name,
        ['kubectl', ...argv, ...asAdmin],
        object === undefined ? undefined : JSON.stringify(object),
      );
      expect(stderr).toContain(DENIED);
      expect(code).not.toBe(0);
    },
  );

  test('holds nobody else', async () => {
    await cluster.kubectl('create', 'namespace', 'of-somebody-else');
    await cluster.kubectl('delete', 'namespace', 'of-somebody-else', '--wait=false');
  });

  test('denies nothing that an upgrade, and its rollback, need', async () => {
    const mark = cluster.audit.mark();
    const canary = { 'canary-namespaces': 'checkout' };
    expectEnding(await phase('precheck'), { outcome: 'succeeded' });
    expectEnding(await phase('canary', canary), { outcome: 'succeeded', state: 'canary' });
    expectEnding(await phase('promote'), { outcome: 'succeeded', state: 'promoted' });
    expectEnding(await phase('rollback'), { outcome: 'rolled-back', state: 'rolled-back' });
    await expectAllOn(cluster, { revision: 'default', version: OLD });
    expectEnding(await phase('canary', canary), { outcome: 'succeeded', state: 'canary' });
    expectEnding(await phase('promote', { 'remove-old': 'true', 'remove-old-after': '0s' }), {
      outcome: 'succeeded',
      state: 'completed',
    });
    await expectAllOn(cluster, { revision: TARGET, version: NEW });
    // What RBAC refuses is another test's; here it is what the guard does.
    const refused = cluster.audit
      .since(mark)
      .filter(({ responseStatus }) => JSON.stringify(responseStatus ?? {}).includes(DENIED))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    expect(refused).toEqual([]);
  }, 600_000);
});

function pod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'istio-upgrade-rehearsal-' },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  };
}

function webhook(
  name: string,
  clientConfig: object = { service: { name: 'istiod', namespace: 'istio-system', path: '/inject' } },
  resources: readonly string[] = ['pods'],
  kind = 'MutatingWebhookConfiguration',
): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources }],
        namespaceSelector: { matchLabels: { nobody: 'nothing' } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}
