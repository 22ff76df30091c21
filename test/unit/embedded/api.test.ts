import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call, watched } from './client.ts';

/** A cluster without Istio: the API alone. */
let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '', users: { nobody: [], reader: ['readers'] } });
  cluster.create({ kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'blue' } } });
}, 60_000);
afterAll(() => cluster.close());

const MAPS = '/api/v1/namespaces/shop/configmaps';
const MERGE = 'application/merge-patch+json';
const map = (name: string, labels: Record<string, string> = {}) => ({ metadata: { name, labels }, data: {} });

describe('objects', () => {
  test('are created, read and listed, with what the server adds', async () => {
    const created = await call(cluster, 'POST', MAPS, { body: map('one', { app: 'a' }) });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'shop' },
    });
    expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await call(cluster, 'GET', `${MAPS}/one`)).toEqual({ status: 200, body: created.body });
    const list = await call(cluster, 'GET', MAPS);
    expect(list.body.kind).toBe('ConfigMapList');
    expect(list.body.items).toEqual([created.body]);
  });

  test('are refused where one is there, the namespace is not, or the name is none', async () => {
    expect((await call(cluster, 'POST', MAPS, { body: map('one') })).body.reason).toBe('AlreadyExists');
    const nowhere = '/api/v1/namespaces/nowhere/configmaps';
    expect((await call(cluster, 'POST', nowhere, { body: map('one') })).status).toBe(404);
    expect((await call(cluster, 'POST', MAPS, { body: map('No_Name') })).status).toBe(422);
    const label = map('two', { app: 'not a label' });
    expect((await call(cluster, 'POST', MAPS, { body: label })).status).toBe(422);
    const other = { ...map('two'), apiVersion: 'v1', kind: 'Secret' };
    expect((await call(cluster, 'POST', MAPS, { body: other })).status).toBe(400);
  });

  test('get a name from generateName', async () => {
    const body = { metadata: { generateName: 'made-' }, data: {} };
    const { body: created } = await call(cluster, 'POST', MAPS, { body });
    expect(created.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
    cluster.remove('ConfigMap', created.metadata.name!, 'shop');
  });
});

describe('a dry run', () => {
  test('answers as if it were done, and stores nothing', async () => {
    const mark = cluster.audit.mark();
    const create = await call(cluster, 'POST', `${MAPS}?dryRun=All&fieldManager=x`, { body: map('dry') });
    expect(create.status).toBe(201);
    const patch = { data: { a: 'b' } };
    const patched = await call(cluster, 'PATCH', `${MAPS}/one?dryRun=All`, { body: patch, type: MERGE });
    expect(patched.body.data).toEqual({ a: 'b' });
    expect((await call(cluster, 'DELETE', `${MAPS}/one?dryRun=All`)).status).toBe(200);
    expect(cluster.get('ConfigMap', 'dry', 'shop')).toBeUndefined();
    expect(cluster.get('ConfigMap', 'one', 'shop')?.data).toEqual({});
    expect(cluster.audit.persisting(mark)).toEqual([]);
  });

  test('of another kind than All is refused', async () => {
    expect((await call(cluster, 'POST', `${MAPS}?dryRun=Some`, { body: map('dry') })).status).toBe(400);
  });
});

describe('a merge patch', () => {
  test('changes key by key, takes away by null, and counts a new version', async () => {
    const before = cluster.patch('ConfigMap', 'one', 'shop', { data: { a: '1', b: '2' } });
    const body = { metadata: { labels: { app: null, tier: 'x' } }, data: { a: null, c: '3' } };
    const { body: after } = await call(cluster, 'PATCH', `${MAPS}/one`, { body, type: MERGE });
    expect(after.data).toEqual({ b: '2', c: '3' });
    expect(after.metadata.labels).toEqual({ tier: 'x' });
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });

  test('that changes nothing leaves the version as it is', async () => {
    const before = cluster.get('ConfigMap', 'one', 'shop');
    const body = { data: { b: '2' } };
    const { body: after } = await call(cluster, 'PATCH', `${MAPS}/one`, { body, type: MERGE });
    expect(after.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
  });

  test('of an older version is a conflict, and changes nothing', async () => {
    const old = cluster.get('ConfigMap', 'one', 'shop')!.metadata.resourceVersion;
    cluster.patch('ConfigMap', 'one', 'shop', { data: { moved: 'on' } });
    const body = { metadata: { resourceVersion: old }, data: { late: 'yes' } };
    const answer = await call(cluster, 'PATCH', `${MAPS}/one`, { body, type: MERGE });
    expect(answer).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(cluster.get('ConfigMap', 'one', 'shop')?.data).not.toHaveProperty('late');
  });

  test('of a workload counts a generation for its spec alone, and can’t change its selector', () => {
    cluster.create(deployment('web'));
    const labelled = cluster.patch('Deployment', 'web', 'shop', { metadata: { labels: { a: 'b' } } });
    expect(labelled.metadata.generation).toBe(1);
    const annotations = { changed: 'yes' };
    const patch = { spec: { template: { metadata: { annotations } } } };
    expect(cluster.patch('Deployment', 'web', 'shop', patch).metadata.generation).toBe(2);
    const selector = { matchLabels: { app: 'web', other: 'x' } };
    expect(() => cluster.patch('Deployment', 'web', 'shop', { spec: { selector } })).toThrow(/invalid/);
    cluster.remove('Deployment', 'web', 'shop');
  });
});

test('a delete with a uid takes only the object that it means', async () => {
  cluster.create({ kind: 'ConfigMap', ...map('target'), metadata: { name: 'target', namespace: 'shop' } });
  const { uid } = cluster.get('ConfigMap', 'target', 'shop')!.metadata;
  const other = { preconditions: { uid: 'another' } };
  expect((await call(cluster, 'DELETE', `${MAPS}/target`, { body: other })).status).toBe(409);
  expect((await call(cluster, 'DELETE', `${MAPS}/target`, { body: { preconditions: { uid } } })).status).toBe(
    200,
  );
  expect((await call(cluster, 'DELETE', `${MAPS}/target`)).status).toBe(404);
});

describe('lists', () => {
  test('come in pages of one moment, whatever changes meanwhile', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) {
      cluster.create({ kind: 'ConfigMap', metadata: { name, namespace: 'shop', labels: { page: 'yes' } } });
    }
    const path = `${MAPS}?labelSelector=page%3Dyes&limit=2`;
    const first = await call(cluster, 'GET', path);
    cluster.remove('ConfigMap', 'p3', 'shop');
    const names = first.body.items.map(({ metadata }) => metadata.name);
    let next = first.body.metadata.continue;
    while (next !== undefined) {
      const { body } = await call(cluster, 'GET', `${path}&continue=${next}`);
      expect(body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
      names.push(...body.items.map(({ metadata }) => metadata.name));
      next = body.metadata.continue;
    }
    expect(names).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect((await call(cluster, 'GET', `${path}&continue=never-given`)).status).toBe(410);
  });

  test.each([
    ['team=blue', ['shop']],
    ['team==blue', ['shop']],
    ['team!=blue,kubernetes.io/metadata.name in (default, kube-system)', ['default', 'kube-system']],
    ['team', ['shop']],
    ['!team,kubernetes.io/metadata.name notin (kube-public,kube-system,kube-node-lease)', ['default']],
    ['team in (red)', []],
  ])('by the labels %s', async (selector, names) => {
    const path = `/api/v1/namespaces?labelSelector=${encodeURIComponent(selector)}`;
    const { body } = await call(cluster, 'GET', path);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(names);
  });

  test('by fields, those that are known', async () => {
    const { body } = await call(cluster, 'GET', '/api/v1/namespaces?fieldSelector=metadata.name%3Dshop');
    expect(body.items).toHaveLength(1);
    expect((await call(cluster, 'GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dx')).status).toBe(501);
  });
});

describe('a watch', () => {
  test('tells what changed since a version, and then what changes; by its selector alone', async () => {
    const from = (await call(cluster, 'GET', MAPS)).body.metadata.resourceVersion ?? '';
    const labels = { watched: 'yes' };
    cluster.create({ kind: 'ConfigMap', metadata: { name: 'w', namespace: 'shop', labels } });
    cluster.create({ kind: 'ConfigMap', metadata: { name: 'unseen', namespace: 'shop' } });
    const path = `${MAPS}?watch=true&allowWatchBookmarks=true&labelSelector=watched&resourceVersion=${from}`;
    const events = watched(cluster, path, 4);
    cluster.patch('ConfigMap', 'w', 'shop', { data: { a: 'b' } });
    cluster.patch('ConfigMap', 'w', 'shop', { metadata: { labels: { watched: null } } });
    cluster.patch('ConfigMap', 'w', 'shop', { data: { c: 'd' } });
    cluster.patch('ConfigMap', 'w', 'shop', { metadata: { labels } });
    expect((await events).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'ADDED w',
      'MODIFIED w',
      'DELETED w',
      'ADDED w',
    ]);
  });

  test('from a version that is forgotten says so, and ends', async () => {
    const events = await watched(cluster, `${MAPS}?watch=true&resourceVersion=1`, 2);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });
});

describe('who may', () => {
  test('a token that is not known is not taken', async () => {
    expect((await call(cluster, 'GET', MAPS, { token: 'guessed' })).status).toBe(401);
  });

  test('nobody may what no role allows', async () => {
    const answer = await call(cluster, 'GET', '/api/v1/pods', { user: 'nobody' });
    expect(answer.status).toBe(403);
    expect(answer.body.message).toContain('User "nobody" cannot list resource "pods"');
    expect(await mayList('nobody', 'pods')).toBe(false);
    expect(await mayList('admin', 'pods')).toBe(true);
  });

  test('a role counts where it is bound: in its namespace, or everywhere', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    cluster.create({ kind: 'Role', metadata: { name: 'reads', namespace: 'shop' }, rules });
    const binding = {
      subjects: [{ kind: 'Group', name: 'readers' }],
      roleRef: { kind: 'Role', name: 'reads' },
    };
    cluster.create({ kind: 'RoleBinding', metadata: { name: 'reads', namespace: 'shop' }, ...binding });
    expect((await call(cluster, 'GET', MAPS, { user: 'reader' })).status).toBe(200);
    expect((await call(cluster, 'GET', '/api/v1/configmaps', { user: 'reader' })).status).toBe(403);
    expect(await mayList('reader', 'configmaps', 'shop')).toBe(true);
    expect(await mayList('reader', 'configmaps')).toBe(false);
    cluster.create({ kind: 'ClusterRole', metadata: { name: 'reads' }, rules });
    cluster.create({
      kind: 'ClusterRoleBinding',
      metadata: { name: 'reads' },
      subjects: [{ kind: 'User', name: 'reader' }],
      roleRef: { kind: 'ClusterRole', name: 'reads' },
    });
    expect(await mayList('reader', 'configmaps')).toBe(true);
    const create = await call(cluster, 'POST', MAPS, { user: 'reader', body: map('not-mine') });
    expect(create.status).toBe(403);
  });

  async function mayList(user: string, resource: string, namespace?: string): Promise<unknown> {
    const resourceAttributes = { verb: 'list', group: '', resource, ...(namespace && { namespace }) };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?fieldManager=x';
    const { body } = await call(cluster, 'POST', path, { user, body: { spec: { resourceAttributes } } });
    return (body.status as { allowed: unknown }).allowed;
  }
});

describe('what is not known is refused loudly, and written down', () => {
  test.each([
    ['GET', '/apis'],
    ['GET', '/api/v1/nodes'],
    ['GET', '/apis/apps/v1/controllerrevisions'],
    ['GET', '/apis/apps/v1beta1/deployments'],
    ['GET', '/apis/apps/v1/namespaces/shop/deployments/web/status'],
    ['GET', '/apis/networking.istio.io/v1/virtualservices'],
    ['GET', '/api/v1/configmaps/one'],
    ['GET', `${MAPS}?resourceVersionMatch=Exact`],
    ['GET', `${MAPS}?watch=true`],
    ['GET', `${MAPS}?watch=1&resourceVersion=1`],
    ['DELETE', MAPS],
    ['HEAD', `${MAPS}/one`],
  ])('%s %s', async (method, path) => {
    const before = cluster.audit.unknown().length;
    const answer = await call(cluster, method, path).catch(() => ({ status: 501, body: undefined }));
    expect(answer.status).toBe(501);
    expect(cluster.audit.unknown()).toHaveLength(before + 1);
    if (answer.body !== undefined)
      expect(answer.body.message).toMatch(/^the embedded cluster does not know /);
  });

  test.each([
    ['PATCH', { body: {}, type: 'application/json-patch+json' }],
    ['PATCH', { body: {}, type: 'application/strategic-merge-patch+json' }],
    ['DELETE', { body: { propagationPolicy: 'Orphan' } }],
    ['DELETE', { body: { gracePeriodSeconds: 0 } }],
  ])('%s with %j', async (method, options) => {
    const answer = await call(cluster, method, `${MAPS}/one`, options);
    expect(answer.status).toBe(501);
    expect(cluster.get('ConfigMap', 'one', 'shop')).toBeDefined();
  });

  test('but an API that people may not have installed is just not found', async () => {
    const answer = await call(cluster, 'GET', '/apis/gateway.networking.k8s.io/v1/gateways');
    expect(answer.status).toBe(404);
  });
});

test('the audit tells what asked to change something, and what did', async () => {
  const mark = cluster.audit.mark();
  await call(cluster, 'GET', MAPS);
  await call(cluster, 'POST', MAPS, { body: map('audited') });
  await call(cluster, 'POST', MAPS, { body: map('audited') });
  await call(cluster, 'POST', `${MAPS}?dryRun=All`, { body: map('rehearsed') });
  await call(cluster, 'POST', MAPS, { user: 'nobody', body: map('not-mine') });
  const seen = cluster.audit.since(mark);
  expect(seen.map(({ persisting, persisted }) => [persisting, persisted])).toEqual([
    [false, false],
    [true, true],
    [true, false],
    [false, false],
    [true, false],
  ]);
  expect(seen[4]).toMatchObject({
    method: 'POST',
    path: MAPS,
    user: 'nobody',
    userAgent: 'unit-test',
    code: 403,
  });
});

function deployment(name: string): object {
  const labels = { app: name };
  return {
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    },
  };
}
