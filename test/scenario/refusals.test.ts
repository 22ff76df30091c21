import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../scripts/run-action.ts';
import {
  NEW,
  OLD,
  errorsOf,
  expectEnding,
  expectNothingPersisted,
  type PhaseRequest,
  withCluster,
} from '../support/cluster.ts';
import type { ClusterObject, Snapshot } from '../support/normalise.ts';

/** Each ends clearly, before anything is touched, and one cluster outlives them all as it was. */
describe('what is refused leaves the cluster as it was', () => {
  const cluster = withCluster('refusals', ['--revision', '1-30-3']);
  let before: Snapshot = {};
  beforeAll(async () => {
    before = await cluster.snapshot();
  });

  async function refused(request: PhaseRequest, ...errors: string[]): Promise<RunResult> {
    const run = await expectNothingPersisted(cluster, () =>
      cluster.phase('canary', {
        ...request,
        inputs: { 'canary-namespaces': 'storefront', ...request.inputs },
      }),
    );
    expectEnding(run, { outcome: 'refused', errors });
    expect(errorsOf(run).every(({ message }) => message !== '')).toBe(true);
    return run;
  }

  /** Does something while the cluster is different, and puts that back. */
  async function during<T>(
    change: () => Promise<unknown>,
    work: () => Promise<T>,
    back: () => Promise<unknown>,
  ) {
    await change();
    try {
      return await work();
    } finally {
      await back();
    }
  }

  test('bad input: all of it at once, and no request is sent', async () => {
    const mark = cluster.audit.mark();
    const run = await cluster.phase('canary', {
      inputs: { version: 'newest', timeout: 'soon', 'remove-old': 'maybe', 'canary-namespaces': '' },
    });
    expectEnding(run, { outcome: 'refused', errors: ['input-not-usable'] });
    const said = errorsOf(run)
      .map(({ message }) => message)
      .join('\n');
    for (const input of ['version', 'timeout', 'remove-old', 'canary-namespaces'])
      expect(said).toContain(input);
    expect(cluster.audit.since(mark)).toEqual([]);
  });

  test('no kubeconfig, as in a pull request from a fork', async () => {
    await refused({ inputs: { kubeconfig: '' } }, 'input-not-usable');
  });

  test('a context that the kubeconfig does not have: the ones it has are named, and no request is sent', async () => {
    const mark = cluster.audit.mark();
    const run = await refused({ inputs: { context: 'production' } }, 'kubeconfig-not-usable');
    expect(errorsOf(run)[0]?.message).toContain('testbed-sc-refusals');
    expect(cluster.audit.since(mark)).toEqual([]);
  });

  test('a server that is not there', async () => {
    const kubeconfig = cluster.kubeconfig('admin').replace(':6443', ':6444');
    await refused({ inputs: { kubeconfig } }, 'cluster-unreachable');
  });

  test('a certificate that is not of the authority in the kubeconfig', async () => {
    const kubeconfig = cluster
      .kubeconfig('admin')
      .replace(/certificate-authority-data: .*/, 'tls-server-name: other.example');
    await refused({ inputs: { kubeconfig } }, 'cluster-unreachable');
  });

  test('a credential that the server does not take', async () => {
    const kubeconfig = cluster
      .kubeconfig('admin')
      .replace(/client-certificate-data: .*/, 'token: expired-long-ago')
      .replace(/\n *client-key-data: .*/, '');
    const run = await refused({ inputs: { kubeconfig } }, 'credentials-refused');
    expect(JSON.stringify([run.stdout, run.summary, run.outputs])).not.toContain('expired-long-ago');
  });

  test('no permission: each that is missing is named by verb and resource', async () => {
    const run = await refused({ inputs: { kubeconfig: cluster.kubeconfig('viewer') } }, 'permission-missing');
    const said = errorsOf(run).map(({ message }) => message);
    expect(said).toContain('this credential may not patch namespaces');
    expect(said).toContain('this credential may not create pods/portforward in namespace istio-system');
  });

  test('a namespace that does not exist', async () => {
    const run = await refused(
      { inputs: { 'canary-namespaces': 'storefront,nowhere' } },
      'namespace-not-found',
    );
    expect(errorsOf(run).map(({ object }) => object)).toEqual(['Namespace nowhere']);
  });

  test('a namespace outside the mesh, and a selector that matches none', async () => {
    await refused({ inputs: { 'canary-namespaces': 'outside' } }, 'namespace-not-in-mesh');
    await refused({ inputs: { 'canary-namespaces': 'team=none' } }, 'no-namespace-selected');
  });

  test('an istioctl whose checksum is wrong', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'scenario-cache-'));
    try {
      const run = await refused(
        {
          inputs: { 'istioctl-base-url': `${cluster.mirror}/corrupt` },
          env: { RUNNER_TOOL_CACHE: cache },
        },
        'istioctl-not-acquired',
      );
      expect(errorsOf(run)[0]?.message).toMatch(/sha256/);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });

  test.each([
    { version: '1.33.0', why: 'too far', errors: ['hop-too-far'] },
    { version: '1.29.2', why: 'older', errors: ['target-not-newer'] },
    { version: '2.0.0', why: 'another major', errors: ['hop-to-other-major'] },
  ])('version $version: $why', async ({ version, errors }) => {
    await refused({ inputs: { version } }, ...errors);
    const precheck = await cluster.phase('precheck', { inputs: { version } });
    expect(precheck.outputs.outcome).toBe('refused');
    expect(errorsOf(precheck).map(({ id }) => id)).toEqual(errors);
    // No istioctl of such a version was looked for.
    expect(precheck.report?.steps.map(({ id }) => id)).toEqual(['checks']);
  });

  test('the version that is there already', async () => {
    const run = await expectNothingPersisted(cluster, () =>
      cluster.phase('canary', { inputs: { version: OLD, 'canary-namespaces': 'storefront' } }),
    );
    expect(['no-changes', 'refused']).toContain(run.outputs.outcome);
  });

  test('a configuration with gateways', async () => {
    const run = await refused({ inputs: { set: 'profile=default' } }, 'configuration-renders-shared');
    expect(errorsOf(run).map(({ object }) => object)).toContain(
      'Deployment istio-system/istio-ingressgateway',
    );
  });

  test('promote without a canary, and a rollback of nothing', async () => {
    const run = await expectNothingPersisted(cluster, () =>
      cluster.phase('promote', { inputs: { version: NEW } }),
    );
    expectEnding(run, { outcome: 'refused', errors: ['no-canary'] });
    const unknown = await expectNothingPersisted(cluster, () => cluster.phase('promote'));
    expectEnding(unknown, { outcome: 'refused', errors: ['target-unknown'] });
    const rollback = await expectNothingPersisted(cluster, () => cluster.phase('rollback'));
    expectEnding(rollback, { outcome: 'no-changes' });
  });

  test('a mesh without default webhook: the command that is given makes one', async () => {
    const webhook = ['mutatingwebhookconfiguration', 'istio-revision-tag-default'];
    const { metadata, ...rest } = JSON.parse(
      await cluster.kubectl('get', ...webhook, '-o', 'json'),
    ) as ClusterObject;
    const original = { ...rest, metadata: { name: metadata.name, labels: metadata.labels } };
    await cluster.kubectl('delete', ...webhook);
    const run = await refused({}, 'default-webhook-missing', 'namespace-chooses-nothing');
    const [, command = ''] = /(istioctl tag set .*)$/.exec(errorsOf(run)[0]?.remedy ?? '') ?? [];
    await cluster.run(command.replace(/^istioctl/, `istioctl-${OLD}`).split(' '));
    expectEnding(await cluster.phase('precheck'), { outcome: 'succeeded', state: 'none' });
    // What tag set makes has other labels than what install makes: back to the first.
    await cluster.kubectl('delete', ...webhook);
    await cluster.run(['kubectl', 'create', '-f', '-'], JSON.stringify(original));
  });

  test('a user tag', async () => {
    const tag = (...args: string[]) => cluster.run([`istioctl-${OLD}`, 'tag', ...args, '-y']);
    const run = await during(
      () => tag('set', 'stable', '--revision', '1-30-3'),
      () => refused({}, 'tags-not-yet-moved'),
      () => tag('remove', 'stable'),
    );
    expect(errorsOf(run)[0]?.object).toBe('MutatingWebhookConfiguration istio-revision-tag-stable');
  });

  test('a gateway', async () => {
    const gateway = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'edge', namespace: 'outside' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'edge' } },
        template: {
          metadata: {
            labels: { app: 'edge', 'sidecar.istio.io/inject': 'true', 'istio.io/rev': '1-30-3' },
            annotations: { 'inject.istio.io/templates': 'gateway' },
          },
          spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
        },
      },
    };
    const run = await during(
      () => cluster.run(['kubectl', 'create', '-f', '-'], JSON.stringify(gateway)),
      () => cluster.phase('canary', { inputs: { 'canary-namespaces': 'storefront' } }),
      () => cluster.kubectl('delete', 'deployment', 'edge', '-n', 'outside'),
    );
    expect(run.outputs.outcome).toBe('refused');
    expect(errorsOf(run)).toContainEqual(
      expect.objectContaining({ id: 'gateways-not-yet-moved', object: 'Deployment outside/edge' }),
    );
  });

  test('a mesh that Helm owns', async () => {
    const istiod = ['deployment', 'istiod-1-30-3', '-n', 'istio-system'];
    const set = async (label: string, annotation: string) => {
      await cluster.kubectl('label', ...istiod, `operator.istio.io/managed${label}`);
      await cluster.kubectl('annotate', ...istiod, `meta.helm.sh/release-name${annotation}`);
    };
    await during(
      () => set('-', '=istiod'),
      () => refused({}, 'mesh-owner-not-supported'),
      () => set('=Reconcile', '-'),
    );
  });

  test('a current control plane that is not there', async () => {
    const scale = (replicas: number) =>
      cluster.kubectl(
        'scale',
        'deployment/istiod-1-30-3',
        '-n',
        'istio-system',
        `--replicas=${String(replicas)}`,
      );
    await during(
      () => scale(0),
      () => refused({}, 'current-control-plane-not-ready'),
      async () => {
        await scale(1);
        await cluster.kubectl(
          'rollout',
          'status',
          'deployment/istiod-1-30-3',
          '-n',
          'istio-system',
          '--timeout=60s',
        );
      },
    );
  });

  test('an upgrade that another run is at work on: who, since when, and where', async () => {
    const now = () => new Date().toISOString().replace('Z', '000Z');
    const since = now();
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: 'istio-upgrade',
        namespace: 'istio-system',
        annotations: { 'istio-upgrade/run': 'https://github.example/run/1' },
      },
      spec: { holderIdentity: 'somebody', leaseDurationSeconds: 30, acquireTime: since, renewTime: since },
    };
    const beat = setInterval(() => {
      const patch = JSON.stringify({ spec: { renewTime: now() } });
      void cluster
        .kubectl('patch', 'lease', 'istio-upgrade', '-n', 'istio-system', '--type=merge', '-p', patch)
        .catch(() => undefined);
    }, 4000);
    const run = await during(
      () => cluster.run(['kubectl', 'create', '-f', '-'], JSON.stringify(lease)),
      () => refused({}, 'locked'),
      async () => {
        clearInterval(beat);
        await cluster.kubectl('delete', 'lease', 'istio-upgrade', '-n', 'istio-system');
      },
    );
    expect(errorsOf(run)[0]?.message).toContain(`somebody since ${since}`);
    expect(errorsOf(run)[0]?.message).toContain('https://github.example/run/1');
  });

  test('after all of them the cluster is as it was', async () => {
    expect(await cluster.snapshot()).toEqual(before);
  });
});
