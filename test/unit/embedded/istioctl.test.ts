import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../../embedded/start.ts';
import { shop } from '../../../testbed/shop.ts';
import { scratch } from '../../support/scratch.ts';

const MINIMAL = ['--set', 'profile=minimal'] as const;

let dir: string;
beforeAll(() => {
  dir = scratch('embedded-istioctl');
});

/** A cluster for the tests of a block. */
function withCluster(options: EmbeddedOptions): { readonly it: () => Embedded } {
  let cluster: Embedded | undefined;
  beforeAll(async () => {
    cluster = await startEmbedded(options);
  }, 60_000);
  afterAll(() => cluster?.close());
  return { it: () => cluster! };
}

describe('on a cluster without Istio', () => {
  const { it } = withCluster({ revision: '' });

  test.each([
    { args: ['nope'], code: 64, says: 'unknown command "nope"' },
    { args: ['tag', 'generate'], code: 64, says: 'unknown command "tag generate"' },
    { args: ['install', '--nope'], code: 64, says: "Unknown option '--nope'" },
    { args: ['install', '--dry-run'], code: 64, says: "Unknown option '--dry-run'" },
    { args: ['install', '--set', 'values.pilot.nope=1', '-y'], code: 1, says: 'unknown field "nope"' },
    { args: ['install', '--set', 'profile=ambient', '-y'], code: 1, says: 'unknown profile: ambient' },
    { args: ['install', ...MINIMAL], code: 1, says: 'Cancelled.' },
    { args: ['install', '-y', '--revision', '1.31.0'], code: 1, says: 'invalid revision specified: 1.31.0' },
    { args: ['install', '-y', '-f', 'missing.yaml'], code: 1, says: 'open missing.yaml: no such file' },
    { args: ['install', '-y', '--readiness-timeout', 'soon'], code: 64, says: 'invalid argument "soon"' },
    { args: ['proxy-status', '--revision', 'x', '-o', 'yaml'], code: 64, says: '--output=json only' },
    { args: ['proxy-status', '--revision', 'x'], code: 1, says: 'no running Istio pods in "istio-system"' },
    { args: ['uninstall', '-y'], code: 1, says: 'by --revision only' },
    { args: ['uninstall', '--revision', 'x', '-y'], code: 1, says: 'could not find target revision' },
    { args: ['tag', 'set', 'prod', '--revision', 'x'], code: 1, says: 'with revision "x"' },
    { args: ['version', '--remote=true', '-o', 'json'], code: 64, says: '--remote=false only' },
  ])('it refuses $args, and changes nothing', async ({ args, code, says }) => {
    const mark = it().audit.mark();
    const ended = await it().istioctl('1.31.0', ...args);
    expect(ended).toMatchObject({ code });
    expect(ended.stderr).toContain(says);
    expect(it().audit.persisting(mark)).toEqual([]);
  });

  test('it says its version, and asks no cluster', async () => {
    const mark = it().audit.mark();
    const { stdout } = await it().istioctl('1.32.0', 'version', '--remote=false', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ clientVersion: { version: '1.32.0' } });
    expect(it().audit.since(mark)).toEqual([]);
  });

  test('it renders what it would install, files and values in the order of their weight', async () => {
    const file = join(dir, 'iop, with a comma.yaml');
    const spec = { profile: 'minimal', hub: 'one.example', tag: 'file' };
    writeFileSync(file, stringify({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }));
    const args = ['-f', `"${file}"`, '--set', 'tag=set', '--revision', 'blue'];
    const { code, stdout } = await it().istioctl('1.31.0', 'manifest', 'generate', ...args);
    expect(code).toBe(0);
    const objects = parseAllDocuments(stdout)
      .map((document) => document.toJS() as Record<string, unknown> | null)
      .filter((object) => object !== null);
    expect(objects).toHaveLength(33);
    expect(JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))).toContain(
      'one.example/pilot:set',
    );
  });

  test('it renders gateways where the profile has them', async () => {
    const { stdout } = await it().istioctl('1.31.0', 'manifest', 'generate', '--set', 'profile=default');
    expect(stdout).toContain('name: istio-ingressgateway');
  });

  test('precheck has nothing to say: silence on stdout and exit code 0', async () => {
    const ended = await it().istioctl('1.31.0', 'x', 'precheck', '-o', 'json');
    expect(ended).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('an istiod that never gets ready', () => {
  const { it } = withCluster({ revision: '' });

  test('ends the installation at its deadline: all applied stays, but nobody has the default', async () => {
    const args = [...MINIMAL, '--set', 'hub=broken.example', '--readiness-timeout', '1s', '-y'];
    const ended = await it().istioctl('1.31.0', 'install', '--revision', 'blue', ...args);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('resources not ready after 1s: context deadline exceeded');
    const [pod] = it().list('Pod', 'istio-system');
    expect(pod?.status?.containerStatuses[0]?.state).toMatchObject({
      waiting: { reason: 'ImagePullBackOff' },
    });
    const names = it()
      .list('MutatingWebhookConfiguration')
      .map(({ metadata }) => metadata.name);
    expect(names).toEqual(['istio-sidecar-injector-blue']);
    expect(it().get('ValidatingWebhookConfiguration', 'istiod-default-validator')).toBeUndefined();
    // Fail open until istiod is there.
    const validator = it().get('ValidatingWebhookConfiguration', 'istio-validator-blue-istio-system');
    expect(validator?.webhooks?.[0]?.failurePolicy).toBe('Ignore');
  });

  test('and the retry makes the default', async () => {
    const ended = await it().istioctl('1.31.0', 'install', '--revision', 'blue', ...MINIMAL, '-y');
    expect(ended).toMatchObject({ code: 0 });
    expect(it().get('MutatingWebhookConfiguration', 'istio-revision-tag-default')).toBeDefined();
    await it().settled();
  });
});

describe('on a mesh', () => {
  const { it } = withCluster({ revision: 'blue', objects: shop('blue') });

  test('install again changes nothing that is there', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const content = (): unknown =>
      it()
        .snapshot()
        .map(({ metadata, ...rest }) => ({ ...rest, labels: metadata.labels }));
    const before = content();
    expect(await it().istioctl('1.30.3', 'install', '--revision', 'blue', ...MINIMAL, '-y')).toMatchObject({
      code: 0,
    });
    expect(content()).toEqual(before);
  });

  test('a gateway comes without its control plane from a file with a name, which owns nothing else', async () => {
    const spec = {
      profile: 'empty',
      components: { ingressGateways: [{ name: 'east', enabled: true, label: { istio: 'east' } }] },
    };
    const file = (metadata: object): string => {
      const path = join(dir, 'east.yaml');
      writeFileSync(
        path,
        stringify({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', metadata, spec }),
      );
      return path;
    };
    const install = (metadata: object) =>
      it().istioctl('1.30.3', 'install', '--revision', 'blue', '-f', file(metadata), '-y');
    expect(await install({})).toMatchObject({ code: 1 });
    const names = () =>
      it()
        .list('Deployment', 'istio-system')
        .map(({ metadata }) => metadata.name);
    expect(names()).toEqual(['istiod-blue']);
    expect(await install({ name: 'east' })).toMatchObject({ code: 0 });
    expect(names().sort()).toEqual(['east', 'istiod-blue']);
    expect(it().get('Service', 'east', 'istio-system')?.spec).toMatchObject({
      selector: { app: 'east', istio: 'east' },
    });
    // Without a name it is whose all is (seen of 1.30.3).
    await it().istioctl('1.30.3', 'install', '--revision', 'blue', ...MINIMAL, '-y');
    await it().settled();
    expect(names()).toEqual(['istiod-blue']);
  });

  test('proxy-status tells every proxy, its version and state', async () => {
    const { stdout } = await it().istioctl('1.31.0', 'proxy-status', '--revision', 'blue', '-o', 'json');
    const { resources } = JSON.parse(stdout) as {
      resources: { node: { id: string }; genericXdsConfigs: { configStatus: string }[] }[];
    };
    const inMesh = it()
      .list('Pod')
      .filter(({ metadata }) => metadata.annotations?.['sidecar.istio.io/status']);
    expect(resources.map(({ node }) => node.id).sort()).toEqual(
      inMesh.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`).sort(),
    );
    const states = resources.flatMap((one) => one.genericXdsConfigs.map(({ configStatus }) => configStatus));
    expect(new Set(states)).toEqual(new Set(['SYNCED']));
  });

  test('a proxy with a fault is out of sync, or not connected, though its pod is ready', async () => {
    for (const [name, value] of [
      ['cart', 'stale'],
      ['frontend', 'absent'],
    ] as const) {
      const annotations = { 'testbed/proxy': value };
      it().patch('Deployment', name, 'storefront', { spec: { template: { metadata: { annotations } } } });
    }
    await it().settled();
    const { stdout } = await it().istioctl('1.31.0', 'proxy-status', '--revision', 'blue', '-o', 'json');
    expect(stdout).toContain('"STALE"');
    expect(stdout).toMatch(/"cart-.*\.storefront"/);
    expect(stdout).not.toMatch(/"frontend-.*\.storefront"/);
  });

  test('a fault that is of one revision is none on another', async () => {
    const annotations = { 'testbed/proxy': 'stale', 'testbed/only-revision': 'green' };
    it().patch('Deployment', 'cart', 'storefront', { spec: { template: { metadata: { annotations } } } });
    await it().settled();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { stdout } = await it().istioctl('1.31.0', 'proxy-status', '--revision', 'blue', '-o', 'json');
    expect(stdout).not.toContain('"STALE"');
  });

  test('proxies find another istiod when theirs goes, and wait when there is none', async () => {
    const connected = async (): Promise<number> => {
      const { code, stdout } = await it().istioctl('1.31.0', 'proxy-status', '--revision', 'blue');
      return code === 0 ? stdout.trim().split('\n').length - 1 : 0;
    };
    const before = await connected();
    expect(before).toBeGreaterThan(10);
    const scale = async (replicas: number): Promise<void> => {
      it().patch('Deployment', 'istiod-blue', 'istio-system', { spec: { replicas } });
      await it().settled();
    };
    await scale(0);
    expect(await connected()).toBe(0);
    await scale(1);
    expect(await connected()).toBe(before);
  });

  test('uninstall says who is connected, lists what it takes, and in a dry run takes nothing', async () => {
    const mark = it().audit.mark();
    const ended = await it().istioctl('1.30.3', 'uninstall', '--revision', 'blue', '--dry-run');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^There are still \d+ proxies pointing to the control plane revision blue/);
    expect(ended.stdout.match(/^Not pruning object .* because of dry run\.$/gm)).toHaveLength(20);
    expect(it().audit.persisting(mark)).toEqual([]);
    const unsure = await it().istioctl('1.30.3', 'uninstall', '--revision', 'blue');
    expect(unsure).toMatchObject({ code: 1 });
    expect(unsure.stderr).toContain('Cancelled.');
  });

  test('a tag that is there is moved only with --overwrite, and none takes a revision’s name', async () => {
    expect(await it().istioctl('1.31.0', 'tag', 'set', 'prod', '--revision', 'blue')).toMatchObject({
      code: 0,
    });
    const again = await it().istioctl('1.31.0', 'tag', 'set', 'prod', '--revision', 'blue', '-y');
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain('already exists, and --overwrite is false');
    const taken = await it().istioctl('1.31.0', 'tag', 'set', 'blue', '--revision', 'blue');
    expect(taken.stderr).toContain('found existing control plane revision with same name');
    expect(await it().istioctl('1.31.0', 'tag', 'remove', 'prod', '-y')).toMatchObject({ code: 0 });
    expect(it().get('MutatingWebhookConfiguration', 'istio-revision-tag-prod')).toBeUndefined();
  });

  test('without a default tag, the next revision takes the default', async () => {
    it().remove('MutatingWebhookConfiguration', 'istio-revision-tag-default');
    expect(await it().istioctl('1.31.0', 'install', '--revision', 'green', ...MINIMAL, '-y')).toMatchObject({
      code: 0,
    });
    const tag = it().get('MutatingWebhookConfiguration', 'istio-revision-tag-default');
    expect(tag?.metadata.labels?.['istio.io/rev']).toBe('green');
  });

  test('somebody without rights is told which', async () => {
    const path = join(dir, 'nobody.kubeconfig');
    writeFileSync(path, it().kubeconfig('nobody'));
    const ended = await it().istioctl('1.31.0', 'x', 'precheck', '-o', 'json', '--kubeconfig', path);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('User "nobody" cannot list resource "customresourcedefinitions"');
  });

  test('the proxy that a kubeconfig names is the way to the server', async () => {
    const targets: string[] = [];
    const proxy = createServer().on('connect', (request, client) => {
      targets.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const config = parse(it().kubeconfig('admin')) as { clusters: [{ cluster: Record<string, string> }] };
      config.clusters[0].cluster['proxy-url'] =
        `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
      const path = join(dir, 'proxied.kubeconfig');
      writeFileSync(path, stringify(config));
      const ended = await it().istioctl('1.31.0', 'x', 'precheck', '-o', 'json', '--kubeconfig', path);
      expect(ended).toMatchObject({ code: 0 });
      expect(new Set(targets)).toEqual(new Set([new URL(it().server).host]));
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });
});

describe('the mirror', () => {
  const { it } = withCluster({ revision: '' });

  test.each(['linux-amd64', 'linux-arm64', 'linux-armv7', 'osx-amd64', 'osx-arm64'])(
    'serves an archive of the program for %s, with its checksum',
    async (platform) => {
      const path = `/1.31.0/istioctl-1.31.0-${platform}.tar.gz`;
      const [archive, sum, wrong] = await Promise.all(
        [path, `${path}.sha256`, `/corrupt${path}.sha256`].map(async (one) =>
          Buffer.from(await (await fetch(`${it().mirror}${one}`)).arrayBuffer()),
        ),
      );
      const sha256 = createHash('sha256').update(archive!).digest('hex');
      expect(sum!.toString()).toBe(`${sha256} istioctl-1.31.0-${platform}.tar.gz\n`);
      expect(wrong!.toString()).not.toContain(sha256);
      expect(gunzipSync(archive!).subarray(0, 8).toString()).toBe('istioctl');
    },
  );

  test('has no release that the cluster has no images of', async () => {
    const response = await fetch(`${it().mirror}/1.29.6/istioctl-1.29.6-linux-amd64.tar.gz`);
    expect(response.status).toBe(404);
  });
});
