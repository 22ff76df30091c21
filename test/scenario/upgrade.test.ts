import { describe, expect, test } from '@jest/globals';
import {
  NEW,
  OLD,
  TARGET,
  expectAllOn,
  expectEnding,
  expectNoChanges,
  expectNothingPersisted,
  withCluster,
} from '../support/cluster.ts';

const CANARY = { inputs: { 'canary-namespaces': 'storefront, checkout' } };
const TO = { revision: TARGET, version: NEW };

describe.each([
  { mesh: 'with a revision', old: '1-30-3', args: ['--revision', '1-30-3'] },
  { mesh: 'without revision', old: 'default', args: [] },
])('an upgrade of a mesh $mesh', ({ old, args }) => {
  const cluster = withCluster(`upgrade-${old}`, args);
  const namespaceLabels = async () =>
    Object.fromEntries(
      (await cluster.list('namespaces')).map(({ metadata: { name, labels } }) => [name, labels]),
    );
  // Labels that the user's Git owns: one that has no effect beside istio-injection, and those that name the default
  // tag, as the revision of a control plane without revision is called too.
  const theUsers = ['catalog', 'legacy', 'storefront']
    .filter((name) => name === 'legacy' || old === 'default')
    .map((name) => `Namespace ${name}`);
  let labelsBefore: Record<string, unknown> = {};

  test('precheck looks, and persists nothing', async () => {
    labelsBefore = await namespaceLabels();
    await expectAllOn(cluster, { revision: old, version: OLD });
    const before = await cluster.snapshot();
    const run = await expectNothingPersisted(cluster, () => cluster.phase('precheck', CANARY));
    expectEnding(run, { outcome: 'succeeded', state: 'none' });
    expect(run.outputs).toMatchObject({
      'from-version': OLD,
      'from-revision': old,
      'to-version': NEW,
      'to-revision': TARGET,
      'next-phase': 'canary',
      'proxies-behind': '0',
    });
    expect(await cluster.snapshot()).toEqual(before);
  });

  test('a dry run of canary tells its changes, and persists nothing', async () => {
    const run = await expectNothingPersisted(cluster, () =>
      cluster.phase('canary', { inputs: { ...CANARY.inputs, 'dry-run': 'true' } }),
    );
    expectEnding(run, { outcome: 'succeeded', state: 'none' });
    const changes = run.report?.steps.flatMap((step) => step.changes).join('\n');
    expect(changes).toContain(`install istiod ${NEW} as revision ${TARGET}`);
    expect(changes).toContain('Namespace storefront');
    expect(changes).toContain('Namespace checkout');
    expect(changes).not.toContain('catalog');
  });

  test('canary moves its namespaces, and nothing else', async () => {
    const run = await cluster.phase('canary', CANARY);
    expectEnding(run, { outcome: 'succeeded', state: 'canary' });
    expect(run.outputs).toMatchObject({ 'rollback-ready': 'true', 'next-phase': 'promote' });
    for (const { namespace, name, revision } of await cluster.pods()) {
      const moved = ['storefront', 'checkout'].includes(namespace);
      const inMesh = moved || ['catalog', 'legacy'].includes(namespace);
      expect({ name, revision }).toEqual({ name, revision: inMesh ? (moved ? TARGET : old) : undefined });
    }
    expect(await defaultRevision()).toEqual({ injector: old, validator: old });
    await expectNoChanges(cluster, 'canary', 'canary', CANARY);
  });

  test('promote moves the rest, and the default', async () => {
    const run = await cluster.phase('promote');
    expectEnding(run, { outcome: 'succeeded', state: 'promoted' });
    expect(run.outputs).toMatchObject({ 'proxies-behind': '0', 'rollback-ready': 'true' });
    await expectAllOn(cluster, TO);
    expect(await defaultRevision()).toEqual({ injector: TARGET, validator: TARGET });
    expect(await cluster.connected(old)).toEqual({});
    await expectNoChanges(cluster, 'promote', 'promoted');
  });

  test('promote with remove-old leaves nothing of the old revision but what the user owns', async () => {
    const remove = { inputs: { 'remove-old': 'true' } };
    const run = await cluster.phase('promote', remove);
    expectEnding(run, { outcome: 'succeeded', state: 'completed' });
    expect(run.outputs).toMatchObject({ 'rollback-ready': 'false', 'next-phase': '' });
    await expectAllOn(cluster, TO);
    // Evidence from outside: whatever carries the old revision's label, of any kind, and whatever speaks of it.
    const objects = Object.entries(await cluster.snapshot());
    const named = objects.filter(([, object]) => labelOf(object) === old).map(([key]) => key);
    expect(named).toEqual(theUsers);
    const asked = objects.filter(
      ([key, object]) => key.includes('WebhookConfiguration') && services(object).has(serviceOf(old)),
    );
    expect(asked.map(([key]) => key)).toEqual([]);
    expect(
      await cluster.list('deployment,service,hpa', '-n', 'istio-system', '-l', `istio.io/rev=${old}`),
    ).toEqual([]);
    // A namespace that followed the default by its own label follows it again, and says what Git says.
    const labels = await namespaceLabels();
    expect(labels.checkout).toEqual(labelsBefore.checkout);
    expect(labels.legacy).toEqual(labelsBefore.legacy);
    const followsTag = old === 'default';
    expect(labels.storefront).toEqual({
      ...(labelsBefore.storefront as object),
      ...(followsTag ? {} : { 'istio.io/rev': TARGET }),
    });
    await expectNoChanges(cluster, 'promote', 'completed', remove);
  });

  test('pods born afterwards come from the target, and Istio’s objects are still validated', async () => {
    for (const namespace of ['storefront', 'checkout', 'legacy']) {
      expect(await bornIn(namespace)).toEqual({ namespace, proxy: `docker.io/istio/proxyv2:${NEW}` });
    }
    await expect(
      cluster.run(
        ['kubectl', 'create', '--dry-run=server', '-f', '-'],
        JSON.stringify({
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'wrong', namespace: 'outside' },
          spec: { hosts: ['a'], http: [{}] },
        }),
      ),
    ).rejects.toThrow(/denied the request/);
  });

  test('rollback after the removal is refused: there is nothing to go back to', async () => {
    const run = await expectNothingPersisted(cluster, () => cluster.phase('rollback'));
    expectEnding(run, { outcome: 'refused', errors: ['past-point-of-no-return'] });
  });

  /** What kubectl says of who has the default, by the Services that the webhooks ask. */
  async function defaultRevision(): Promise<Record<'injector' | 'validator', string | undefined>> {
    const revisionOf = (object: unknown): string | undefined =>
      [old, TARGET].find((revision) => services(object).has(serviceOf(revision)));
    const [validator] = (await cluster.list('validatingwebhookconfigurations')).filter(
      ({ metadata }) => metadata.name === 'istiod-default-validator',
    );
    const injectors = (await cluster.list('mutatingwebhookconfigurations')).filter((object) =>
      JSON.stringify(object).includes('"namespace.sidecar-injector.istio.io"'),
    );
    const active = injectors.filter((object) => !JSON.stringify(object).includes('istio.io/deactivated'));
    expect(active).toHaveLength(1);
    return { injector: revisionOf(active[0]), validator: revisionOf(validator) };
  }

  async function bornIn(namespace: string): Promise<object> {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'newborn', namespace },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    };
    const text = await cluster.run(
      ['kubectl', 'create', '--dry-run=server', '-o', 'json', '-f', '-'],
      JSON.stringify(pod),
    );
    const proxy = /"image": "(docker.io\/istio\/proxyv2:[^"]*)"/.exec(text)?.[1];
    return { namespace, proxy };
  }
});

function labelOf(object: unknown): string | undefined {
  const { metadata } = object as { metadata: { labels?: Record<string, string> } };
  return metadata.labels?.['istio.io/rev'];
}

function serviceOf(revision: string): string {
  return revision === 'default' ? 'istiod' : `istiod-${revision}`;
}

function services(object: unknown): Set<string> {
  const { webhooks = [] } = object as {
    webhooks?: { clientConfig: { service?: { name: string } } }[];
  };
  return new Set(webhooks.map(({ clientConfig }) => clientConfig.service?.name ?? ''));
}
