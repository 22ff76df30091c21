import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { RunResult } from '../../scripts/run-action.ts';
import type { Outcome, Phase } from '../../src/outcome.ts';
import { BAD_NETWORKS, type BadNetwork, type Survived, faultsTable } from '../support/bad-network.ts';
import {
  OLD,
  type PhaseRequest,
  errorsOf,
  expectAllOn,
  expectEnding,
  withCluster,
} from '../support/cluster.ts';
import { type Answered, type Gate, startGate } from '../support/gate/gate.ts';
import { startProxyInside } from '../support/proxy-inside.ts';
import type { Snapshot } from '../support/normalise.ts';
import { differences } from '../suite/differences.ts';

/** All faults in all phases take a quarter of an hour: `npm run test:network`, which also writes the list. */
const ALL = process.env.BAD_NETWORK === 'all';
const LIST = new URL('../../docs/reliability/faults.md', import.meta.url);

/** The node's address in the cluster's network: one that is not loopback's goes through proxies. */
const HOST = '10.10.0.1';

/** An exec plugin that shows what is in a file. */
const PLUGIN = `#!/bin/sh
cat <<END
{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"$(cat "$TOKEN")"}}
END
`;

const INPUTS: Partial<Record<Phase, Readonly<Record<string, string>>>> = {
  precheck: { 'canary-namespaces': 'storefront' },
  canary: { 'canary-namespaces': 'storefront' },
};
const SUCCESS: Readonly<Record<Phase, Outcome>> = {
  precheck: 'succeeded',
  canary: 'succeeded',
  promote: 'succeeded',
  rollback: 'rolled-back',
};
const ROUND: readonly Phase[] = ['precheck', 'canary', 'promote', 'rollback'];

const network = (id: string): BadNetwork => BAD_NETWORKS.find((item) => item.id === id)!;

/** Which network each phase of a round meets. */
const ROUNDS: readonly (readonly [string, Partial<Record<Phase, BadNetwork>>])[] = ALL
  ? BAD_NETWORKS.map((bad) => [bad.id, Object.fromEntries(ROUND.map((phase) => [phase, bad]))] as const)
  : [
      [
        'each phase another',
        {
          precheck: network('server-errors'),
          canary: network('lost-answers'),
          promote: network('away'),
          rollback: network('bad-watches'),
        },
      ],
    ];

describe('a bad network', () => {
  const cluster = withCluster('net', ['--revision', '1-30-3']);
  const survived: Survived[] = [];
  let gate: Gate;
  let before: Snapshot = {};
  beforeAll(async () => {
    gate = await startGate(cluster.name, cluster.kubeconfig('admin'), HOST);
    before = await cluster.snapshot();
  });
  afterAll(async () => {
    await gate.close();
    if (!ALL) return;
    mkdirSync(new URL('.', LIST), { recursive: true });
    writeFileSync(LIST, faultsTable(survived));
  });

  /** A phase through the gate. */
  function run(phase: Phase, request: PhaseRequest = {}) {
    const inputs = { kubeconfig: gate.kubeconfig, timeout: '10m', ...INPUTS[phase], ...request.inputs };
    return cluster.phase(phase, { ...request, inputs });
  }

  async function expectAsBefore(): Promise<void> {
    expect(differences(await cluster.snapshot(), before)).toEqual([]);
    await expectAllOn(cluster, { revision: '1-30-3', version: OLD });
  }

  describe.each(ROUNDS)('%s', (_, meets) => {
    test.each(ROUND.filter((phase) => meets[phase] !== undefined))(
      '%s comes to its end, and writes nothing twice',
      async (phase) => {
        const bad = meets[phase]!;
        await gate.reset();
        await gate.befall(bad.rules, 7);
        const result = await run(phase);
        const met = (await gate.faults()).length;
        const requests = await gate.requests();
        await gate.befall([]);
        expect(twice(requests)).toEqual([]);
        const first = await expectFit(bad, phase, { result, met });
        survived.push({ fault: bad.title, phase, ending: first, met });
        if (phase === 'rollback') await expectAsBefore();
      },
      600_000,
    );

    /** Success; or, where the network is so bad that it may stop, a clear stop and then success. */
    async function expectFit(
      bad: BadNetwork,
      phase: Phase,
      { result, met }: { result: RunResult; met: number },
    ): Promise<string> {
      const stopped = result.outputs.outcome !== SUCCESS[phase];
      if (bad.ending === 'succeeds' || !stopped) {
        expectEnding(result, { outcome: SUCCESS[phase] });
        // A phase that sends nothing of the kind does not meet it; precheck writes nothing and watches nothing.
        if (phase !== 'precheck') expect(met).toBeGreaterThan(0);
        return met === 0 ? 'not met' : (result.outputs.outcome ?? '');
      }
      expect(['failed', 'inconclusive']).toContain(result.outputs.outcome);
      for (const { id } of errorsOf(result)) expect(bad.stops).toContain(id);
      expect(errorsOf(result).every(({ remedy }) => remedy !== undefined)).toBe(true);
      expectEnding(await run(phase), { outcome: SUCCESS[phase] });
      return `${result.outputs.outcome ?? ''}, then ${SUCCESS[phase]}`;
    }
  });

  // In the long version it is among the rounds.
  const once = ALL ? undefined : network('istioctl-cut');
  if (once !== undefined)
    test('istioctl that gets nothing through: canary stops with its reason', async () => {
      await gate.reset();
      await gate.befall(once.rules);
      const stopped = await run('canary');
      expectEnding(stopped, { outcome: 'failed', errors: ['control-plane-not-ready'] });
      expect(errorsOf(stopped)[0]?.message).toContain('istioctl says:');
      expect((await gate.faults()).length).toBeGreaterThan(0);
      await gate.befall([]);
    });

  test('a credential that expires in the middle: the run stops and says so', async () => {
    await gate.reset();
    const { token } = gate.renewed();
    const stopped = await run('canary', {
      onLine: (line) => {
        if (line.includes('Restart the workloads')) void gate.accept(token);
      },
    });
    expectEnding(stopped, { outcome: 'failed', errors: ['credentials-refused'] });
    expect(errorsOf(stopped)[0]?.remedy).toContain('goes on where it stopped');
    expect(stopped.outputs['namespaces-moved']).toBe('storefront');
  });

  // The lock could not be given back without a credential: this run waits until it has run out.
  test('the next one goes on, through a proxy that alone knows the way, by a plugin whose token is renewed in the middle', async () => {
    const first = gate.renewed();
    const second = gate.renewed();
    await gate.accept(first.token);
    const proxy = await startProxyInside(cluster.name, HOST, { 'gate.test': HOST });
    const directory = mkdtempSync(join(tmpdir(), 'istio-upgrade-plugin-'));
    try {
      const token = join(directory, 'token');
      writeFileSync(token, first.token);
      writeFileSync(join(directory, 'plugin.sh'), PLUGIN, { mode: 0o755 });
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: './plugin.sh',
        env: [{ name: 'TOKEN', value: token }],
        interactiveMode: 'Never',
      };
      const server = `https://gate.test:${portOf(gate.kubeconfig)}`;
      const canary = await run('canary', {
        inputs: { kubeconfig: changed(gate.kubeconfig, { server }, { exec }) },
        env: { HTTPS_PROXY: proxy.url, NO_PROXY: undefined, no_proxy: undefined },
        cwd: directory,
        onLine: (line) => {
          if (!line.includes('Rehearse the injection')) return;
          writeFileSync(token, second.token);
          void gate.accept(second.token);
        },
      });
      expectEnding(canary, { outcome: 'succeeded', state: 'canary' });
      survived.push({
        fault: 'the credential expires while workloads restart (401); the next run has a fresh one',
        phase: 'canary',
        ending: 'failed, then succeeded',
        met: 1,
      });
      const connections = proxy.asked.length;
      expect(connections).toBeGreaterThan(0);

      const rollback = await run('rollback', {
        inputs: { kubeconfig: changed(gate.kubeconfig, { server, 'proxy-url': proxy.url }, { exec }) },
        cwd: directory,
      });
      expectEnding(rollback, { outcome: 'rolled-back' });
      expect(proxy.asked.length).toBeGreaterThan(connections);
      expect(await userAgents()).toEqual(expect.arrayContaining([expect.stringMatching(/^istioctl/)]));
      await expectAsBefore();
    } finally {
      await proxy.close();
      rmSync(directory, { recursive: true });
    }
  });

  // As every EKS endpoint is written, and as istioctl asks the relay for it.
  test('K01: all phases through a server name with capitals, and back', async () => {
    await gate.reset();
    // The gate takes the last token that it was given alone.
    const fresh = gate.renewed();
    await gate.accept(fresh.token);
    const proxy = await startProxyInside(cluster.name, HOST, { 'gate.test': HOST });
    try {
      const server = `https://Gate.TEST:${portOf(gate.kubeconfig)}`;
      const kubeconfig = changed(fresh.kubeconfig, { server, 'proxy-url': proxy.url });
      for (const phase of ROUND) {
        const result = await run(phase, { inputs: { kubeconfig } });
        expectEnding(result, { outcome: SUCCESS[phase] });
        expect(result.stdout).toContain(`server ${server}`);
      }
      expect(await userAgents()).toEqual(expect.arrayContaining([expect.stringMatching(/^istioctl/)]));
      await expectAsBefore();
    } finally {
      await proxy.close();
    }
  }, 900_000);

  /** Of what wrote through the gate. */
  async function userAgents(): Promise<string[]> {
    return [...new Set((await gate.requests()).map(({ userAgent }) => userAgent))];
  }
});

function portOf(kubeconfig: string): string {
  const { clusters } = parse(kubeconfig) as { clusters: [{ cluster: { server: string } }] };
  return new URL(clusters[0].cluster.server).port;
}

/** The gate's kubeconfig with other entries. */
function changed(text: string, cluster: object, user?: object): string {
  const file = parse(text) as {
    clusters: [{ name: string; cluster: object }];
    users: [{ name: string; user: object }];
  };
  const [{ name, cluster: own }] = file.clusters;
  const [someone] = file.users;
  return stringify({
    ...file,
    clusters: [{ name, cluster: { ...own, ...cluster } }],
    users: [{ name: someone.name, user: user ?? someone.user }],
  });
}

/** The Action's writes that were carried out more than once. */
function twice(requests: readonly Answered[]): string[] {
  const done = requests.filter(
    ({ userAgent, status }) => userAgent.startsWith('istio-upgrade') && status >= 200 && status < 300,
  );
  const seen = new Set<string>();
  return done.flatMap(({ digest, method, path }) => {
    const again = seen.has(digest);
    seen.add(digest);
    return again ? [`${method} ${path}`] : [];
  });
}
