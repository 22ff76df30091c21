import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { call } from './client.ts';

/** Two revisions side by side, the first of them the default, and a tag on the second. */
let cluster: Embedded;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: 'old', version: '1.30.3' });
  await must('1.31.0', 'install', '--set', 'profile=minimal', '--revision', 'new', '-y');
  await must('1.31.0', 'tag', 'set', 'prod', '--revision', 'new');
  await cluster.settled();
}, 60_000);
afterAll(() => cluster.close());

async function must(version: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await cluster.istioctl(version, ...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

type Labels = Readonly<Record<string, string>>;
interface Born {
  readonly code: number;
  /** Version of the proxy; undefined without a sidecar. */
  readonly proxy?: string | undefined;
  readonly revision?: string | undefined;
  readonly message?: string | undefined;
}

let namespaces = 0;

/** What would become of a pod with such labels, in a namespace with such labels. */
async function born(namespace: Labels, pod: Labels = {}, annotations: Labels = {}): Promise<Born> {
  const name = `ns-${String(++namespaces)}`;
  cluster.create({ kind: 'Namespace', metadata: { name, labels: namespace } });
  const { status, body } = await call(cluster, 'POST', `/api/v1/namespaces/${name}/pods?dryRun=All`, {
    body: {
      metadata: { generateName: 'born-', labels: pod, annotations },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  });
  if (status !== 201) return { code: status, message: body.message };
  const { annotations: given = {} } = body.metadata as unknown as { annotations?: Labels };
  const { initContainers = [], containers } = body.spec as Record<string, { name: string; image: string }[]>;
  const proxy = [...initContainers, ...containers!].find((container) => container.name === 'istio-proxy');
  const injected = given['sidecar.istio.io/status'];
  return {
    code: status,
    proxy: proxy?.image.split(':')[1],
    revision: injected === undefined ? undefined : (JSON.parse(injected) as { revision: string }).revision,
  };
}

const OLD: Born = { code: 201, proxy: '1.30.3', revision: 'old' };
const NEW: Born = { code: 201, proxy: '1.31.0', revision: 'new' };
const BARE: Born = { code: 201, proxy: undefined, revision: undefined };
const INJECTION = { 'istio-injection': 'enabled' };
const rev = (name: string): Labels => ({ 'istio.io/rev': name });

describe('who injects', () => {
  test.each<[string, Labels, Labels, Born]>([
    ['a namespace names a revision', rev('new'), {}, NEW],
    ['a namespace names a tag, which points to a revision', rev('prod'), {}, NEW],
    ['a namespace asks for injection: the default', INJECTION, {}, OLD],
    ['a namespace names the default tag', rev('default'), {}, OLD],
    ['both labels: istio-injection wins', { ...INJECTION, ...rev('new') }, {}, OLD],
    [
      'istio-injection=disabled wins over a revision, too',
      { 'istio-injection': 'disabled', ...rev('new') },
      {},
      BARE,
    ],
    ['no label at all', {}, {}, BARE],
    ['a pod names a revision in a namespace without labels', {}, rev('new'), NEW],
    ['a pod names a tag in a namespace without labels', {}, rev('prod'), NEW],
    ['a namespace’s revision wins over its pod’s', rev('old'), rev('new'), OLD],
    [
      'a pod asks for injection in a namespace without labels',
      {},
      { 'sidecar.istio.io/inject': 'true' },
      OLD,
    ],
    ['a pod refuses by a label', rev('new'), { 'sidecar.istio.io/inject': 'false' }, BARE],
    ['a revision that nobody serves: no sidecar, and no error', rev('gone'), {}, BARE],
  ])('%s', async (_, namespace, pod, wanted) => {
    expect(await born(namespace, pod)).toEqual(wanted);
  });

  test('a pod refuses by an annotation, which its istiod reads', async () => {
    expect(await born(rev('new'), {}, { 'sidecar.istio.io/inject': 'false' })).toEqual(BARE);
  });
});

describe('when an istiod is not there', () => {
  const scale = async (deployment: string, replicas: number) => {
    cluster.patch('Deployment', deployment, 'istio-system', { spec: { replicas } });
    await cluster.settled();
  };
  beforeEach(() => scale('istiod-new', 1));

  test('its webhooks and those of its tags refuse pods, the others go on', async () => {
    await scale('istiod-new', 0);
    for (const labels of [rev('new'), rev('prod')]) {
      const answer = await born(labels);
      expect(answer.code).toBe(500);
      expect(answer.message).toContain('failed calling webhook "rev.namespace.sidecar-injector.istio.io"');
      expect(answer.message).toContain('no endpoints available for service "istiod-new"');
    }
    expect(await born(INJECTION)).toEqual(OLD);
    await scale('istiod-new', 1);
    expect(await born(rev('new'))).toEqual(NEW);
  });

  test('a default validator that points to it refuses changes to Istio’s objects', async () => {
    const change = () =>
      call(cluster, 'POST', '/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All', {
        body: { metadata: { name: 'route' }, spec: { hosts: ['a'], http: [{ route: [] }] } },
      });
    expect((await change()).status).toBe(201);
    await scale('istiod-old', 0);
    const answer = await change();
    expect(answer.status).toBe(500);
    expect(answer.body.message).toContain('failed calling webhook "validation.istio.io"');
    await scale('istiod-old', 1);
  });

  test('a validator that answers refuses what is wrong', async () => {
    const path = '/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All';
    const body = { metadata: { name: 'wrong' }, spec: { hosts: ['a'], http: [{}] } };
    const answer = await call(cluster, 'POST', path, { body });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body.message).toContain('denied the request');
  });
});

describe('after a revision is uninstalled', () => {
  beforeAll(async () => {
    await must('1.31.0', 'uninstall', '--revision', 'new', '-y');
    await cluster.settled();
  }, 60_000);

  test('pods of namespaces that name it come without a sidecar, silently', async () => {
    expect(await born(rev('new'))).toEqual(BARE);
  });

  test('pods of namespaces that name a tag which is left dangling are refused', async () => {
    const answer = await born(rev('prod'));
    expect(answer.code).toBe(500);
    expect(answer.message).toContain('service "istiod-new" not found');
  });
});
