import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { RunResult } from '../../scripts/run-action.ts';
import type { Phase } from '../../src/outcome.ts';
import { type PhaseRequest, errorsOf, expectEnding, withCluster } from '../support/cluster.ts';
import { type Mark, markOf, marksIn } from '../support/marks.ts';
import { Witness } from '../support/witness.ts';

/** Secrets in a kubeconfig beside those that are used: other users', and what plugins are given. */
const PLANTED = {
  token: 'planted-token-8f1c0a77',
  password: 'planted-pa55word-"5e0d"',
  plugin: 'planted-plugin-env-31b6',
  argument: 'planted-plugin-arg-90fe',
  proxy: 'planted-proxy-pass-c2d4',
  set: 'planted-set-value-77aa',
  file: 'planted-file-value-12cd',
  label: 'planted label value! 4be9',
} as const;
const CREDENTIALS = ['token', 'password', 'plugin', 'argument', 'proxy'] as const;

const OPERATOR = {
  apiVersion: 'install.istio.io/v1alpha1',
  kind: 'IstioOperator',
  spec: { profile: 'minimal', values: { pilot: { env: { PLANTED_IN_FILE: PLANTED.file } } } },
};

interface User {
  readonly name: string;
  readonly user: Readonly<Record<string, unknown>>;
}

/** Promise 10, looked for in everything that a run leaves, writes, starts and says. */
describe('no secret leaves', () => {
  const cluster = withCluster('secrets', ['--revision', '1-30-3']);
  let marks: readonly Mark[] = [];
  let work = '';
  let kubeconfig = '';
  let pluginKubeconfig = '';

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'secrets-'));
    writeFileSync(join(work, 'operator.yaml'), stringify(OPERATOR));
    const admin = parse(cluster.kubeconfig('admin')) as { users: User[]; clusters: { cluster: object }[] };
    const others = [
      { name: 'by-token', user: { token: PLANTED.token } },
      { name: 'by-password', user: { username: 'ops', password: PLANTED.password } },
      { name: 'by-plugin', user: { exec: plugin('false') } },
    ];
    const proxied = {
      name: 'proxied',
      cluster: {
        server: 'https://other.example',
        'proxy-url': `http://me:${PLANTED.proxy}@proxy.example:3128`,
      },
    };
    const all = { ...admin, users: [...admin.users, ...others], clusters: [...admin.clusters, proxied] };
    kubeconfig = stringify(all);
    const token = await adminToken();
    pluginKubeconfig = stringify({
      ...all,
      users: [{ name: admin.users[0]!.name, user: { exec: plugin(tokenPlugin(token)) } }, ...others],
    });
    const keyData = String(admin.users[0]!.user['client-key-data']);
    marks = [
      ...Object.entries(PLANTED).map(([name, secret]) => markOf(name, secret)),
      markOf('key', Buffer.from(keyData, 'base64').toString()),
      markOf('key data', keyData),
      markOf('service account token', token),
    ];
  }, 60_000);

  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
  });

  function plugin(command: string): object {
    return {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      command,
      args: ['--client-secret', PLANTED.argument],
      env: [{ name: 'PLANTED_TOKEN', value: PLANTED.plugin }],
    };
  }

  /** A credential plugin, which keeps the environment that it was started with. */
  function tokenPlugin(token: string): string {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    };
    const path = join(work, 'plugin');
    writeFileSync(join(work, 'credential.json'), JSON.stringify(credential));
    writeFileSync(path, `#!/bin/sh\nenv >> '${work}/plugin.environ'\ncat '${work}/credential.json'\n`);
    chmodSync(path, 0o755);
    return path;
  }

  async function adminToken(): Promise<string> {
    await cluster.kubectl('create', 'serviceaccount', 'ci', '-n', 'outside');
    const who = ['--clusterrole=cluster-admin', '--serviceaccount=outside:ci'];
    await cluster.kubectl('create', 'clusterrolebinding', 'ci', ...who);
    return (await cluster.kubectl('create', 'token', 'ci', '-n', 'outside')).trim();
  }

  /** Runs a phase under watch, and looks for the marks in all that can be seen of it. */
  async function watched(phase: Phase, { inputs, ...request }: PhaseRequest): Promise<RunResult> {
    const home = mkdtempSync(join(work, 'home-'));
    const witness = new Witness(marks);
    const run = await cluster.phase(phase, {
      ...request,
      inputs: { kubeconfig, ...inputs },
      env: { HOME: home, TMPDIR: home },
      onStart: (pid) => {
        witness.watch(pid);
        request.onStart?.(pid);
      },
    });
    witness.stop();
    const { stdout, stderr, summary } = run;
    const leaks = {
      stdout: marksIn(stdout, marks),
      stderr: marksIn(stderr, marks),
      summary: marksIn(summary, marks),
      outputs: marksIn(JSON.stringify(run.outputs), marks),
      state: marksIn(JSON.stringify(run.state), marks),
      report: marksIn(JSON.stringify(run.report ?? ''), marks),
      post: marksIn(JSON.stringify(run.post), marks),
      arguments: witness.children.flatMap(({ cmdline }) =>
        // What a plugin is given as argument is the kubeconfig's own doing.
        marksIn(
          cmdline,
          marks.filter(({ name }) => name !== 'argument' || !cmdline.includes('plugin')),
        ),
      ),
      environment: witness.children.flatMap(({ environ }) =>
        marksIn(
          environ,
          marks.filter(({ name }) => name !== 'plugin' || !environ.includes('PLANTED_TOKEN=')),
        ),
      ),
      home: readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .flatMap((entry) => marksIn(readFileSync(join(entry.parentPath, entry.name), 'utf8'), marks)),
    };
    expect(leaks).toEqual(Object.fromEntries(Object.keys(leaks).map((key) => [key, []])));
    // The one place: the runner is told what to star, and takes these lines away.
    for (const name of CREDENTIALS) expect(run.masks).toContain(PLANTED[name]);
    expect(witness.children.filter(({ environ }) => /^INPUT_/m.test(environ))).toEqual([]);
    expect(witness.files.filter(({ mode }) => !['600', '700'].includes(mode))).toEqual(
      // A program that is being acquired has to be executable, and is no secret.
      witness.files.filter(({ path, mode }) => path.includes('istioctl-') && mode === '755'),
    );
    const holders = witness.files.filter(({ holds }) => holds.length > 0).map(({ path }) => path);
    expect(holders.filter((path) => !/\/(kubeconfig|istioctl-set-[\w-]+\.yaml)$/.test(path))).toEqual([]);
    expect(run.leftovers).toEqual([]);
    sightings = witness;
    return run;
  }

  /** Of the last run. */
  let sightings = new Witness([]);

  const CANARY = {
    'canary-namespaces': 'storefront',
    get config() {
      return join(work, 'operator.yaml');
    },
    set: `values.pilot.env.PLANTED=${PLANTED.set}`,
  };

  test('bad input', async () => {
    const inputs = { version: 'newest', set: PLANTED.set, timeout: 'soon' };
    const run = await watched('canary', { inputs: { ...CANARY, ...inputs } });
    expectEnding(run, { outcome: 'refused', errors: ['input-not-usable'] });
  });

  test('a server that is not there', async () => {
    const run = await watched('canary', {
      inputs: { ...CANARY, kubeconfig: kubeconfig.replace(':6443', ':6444') },
    });
    expectEnding(run, { outcome: 'refused', errors: ['cluster-unreachable'] });
  });

  test('a canary that fails on a set value, which istioctl quotes', async () => {
    const run = await watched('canary', {
      inputs: { ...CANARY, set: `${CANARY.set}\nvalues.pilot.podLabels.planted=${PLANTED.label}` },
    });
    expect(run.outputs.outcome).toBe('failed');
    expect(JSON.stringify(errorsOf(run))).toMatch(/Invalid value: \\"\*\*\*\\"/);
    expect(sightings.children.some(({ cmdline }) => cmdline.includes(' install '))).toBe(true);
    expect(
      sightings.files.some(({ path, holds }) => path.includes('istioctl-set-') && holds.includes('set')),
    ).toBe(true);
  });

  test('rollback, with a credential plugin', async () => {
    const run = await watched('rollback', { inputs: { kubeconfig: pluginKubeconfig } });
    expectEnding(run, { outcome: 'rolled-back' });
    // What client-node and istioctl have started the plugin with.
    const environ = readFileSync(join(work, 'plugin.environ'), 'utf8');
    expect(environ).toContain(`PLANTED_TOKEN=${PLANTED.plugin}`);
    expect(marksIn(environ, marks)).toEqual(['plugin']);
    expect(environ).not.toMatch(/^(INPUT_|ACTIONS_)/m);
  });

  test('a canary: of what is on the cluster only what istioctl installs holds a value', async () => {
    const mark = cluster.audit.mark();
    const run = await watched('canary', { inputs: CANARY });
    expectEnding(run, { outcome: 'succeeded', state: 'canary' });
    const written = cluster.audit
      .since(mark)
      .filter(({ userAgent, requestObject }) => userAgent === 'istio-upgrade' && requestObject !== undefined);
    expect(new Set(written.map(({ objectRef }) => objectRef?.resource))).toEqual(
      new Set(['leases', 'configmaps', 'namespaces', 'deployments', 'pods']),
    );
    expect(written.flatMap(({ requestObject }) => marksIn(JSON.stringify(requestObject), marks))).toEqual([]);
    const holders = (await cluster.everything()).flatMap((object) => {
      const held = marksIn(JSON.stringify(object), marks);
      const { namespace = '', name } = object.metadata;
      return held.length === 0 ? [] : [{ object: `${object.kind} ${namespace}/${name}`, held }];
    });
    // The values that istioctl itself keeps, and istiod, whose environment they are; a credential nowhere.
    const installed = holders.filter(({ object }) =>
      / istio-system\/(values|istio-sidecar-injector|istiod)-1-31-0/.test(object),
    );
    expect(installed.length).toBeGreaterThan(0);
    expect(holders).toEqual(installed);
    expect(new Set(holders.flatMap(({ held }) => held))).toEqual(new Set(['set', 'file']));
  });

  test('killed in the middle: post takes away what is left', async () => {
    let pid = 0;
    const run = await watched('promote', {
      onStart: (started) => {
        pid = started;
      },
      onLine: (line) => {
        if (line.includes('Restart the workloads')) process.kill(pid, 'SIGKILL');
      },
    });
    expect(run.exitCode).toBeNull();
    expect(run.post.exitCode).toBe(0);
    expect(sightings.files.map(({ path }) => path.split('/').at(-1))).toContain('kubeconfig');
    expectEnding(await watched('rollback', { inputs: {} }), { outcome: 'rolled-back' });
  });
});
