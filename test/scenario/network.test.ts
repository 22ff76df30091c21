import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../scripts/run-action.ts';
import type { Outcome, Phase } from '../../src/outcome.ts';
import { BAD_NETWORKS, type BadNetwork, type Survived, faultsTable } from '../support/bad-network.ts';
import { OLD, errorsOf, expectAllOn, expectEnding, withCluster } from '../support/cluster.ts';
import { type Answered, type Gate, startGate } from '../support/gate/gate.ts';
import type { Snapshot } from '../support/normalise.ts';

/** All faults in all phases take a quarter of an hour: `npm run test:network`, which also writes the list. */
const ALL = process.env.BAD_NETWORK === 'all';
const LIST = new URL('../../docs/reliability/faults.md', import.meta.url);

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
    gate = await startGate(cluster.name, cluster.kubeconfig('admin'));
    before = await cluster.snapshot();
  });
  afterAll(async () => {
    await gate.close();
    if (!ALL) return;
    mkdirSync(new URL('.', LIST), { recursive: true });
    writeFileSync(LIST, faultsTable(survived));
  });

  /** A phase through the gate. */
  function run(
    phase: Phase,
    request: { inputs?: Record<string, string>; onLine?: (line: string) => void } = {},
  ) {
    const inputs = { kubeconfig: gate.kubeconfig, timeout: '10m', ...INPUTS[phase], ...request.inputs };
    return cluster.phase(phase, { ...request, inputs });
  }

  async function expectAsBefore(): Promise<void> {
    expect(await cluster.snapshot()).toEqual(before);
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
  const once = ALL ? [] : ['canary stops with its reason, and canary again goes on'];
  test.each(once)('istioctl that gets nothing through: %s', async () => {
    await gate.reset();
    await gate.befall(network('istioctl-cut').rules);
    const stopped = await run('canary');
    expectEnding(stopped, { outcome: 'failed', errors: ['control-plane-not-ready'] });
    expect(errorsOf(stopped)[0]?.message).toContain('istioctl says:');
    expect((await gate.faults()).length).toBeGreaterThan(0);
    await gate.befall([]);
  });

  test('a credential that expires in the middle: the run stops and says so, the next one with a fresh one goes on', async () => {
    await gate.reset();
    const { token, kubeconfig } = gate.renewed();
    const stopped = await run('canary', {
      onLine: (line) => {
        if (line.includes('Restart the workloads')) void gate.accept(token);
      },
    });
    expectEnding(stopped, { outcome: 'failed', errors: ['credentials-refused'] });
    expect(errorsOf(stopped)[0]?.remedy).toContain('goes on where it stopped');
    expect(stopped.outputs['namespaces-moved']).toBe('storefront');
    // The lock could not be given back without a credential: the next run waits until it has run out.
    expectEnding(await run('canary', { inputs: { kubeconfig } }), { outcome: 'succeeded', state: 'canary' });
    expectEnding(await run('rollback', { inputs: { kubeconfig } }), { outcome: 'rolled-back' });
    await expectAsBefore();
    survived.push({
      fault: 'the credential expires while workloads restart (401); the next run has a fresh one',
      phase: 'canary',
      ending: 'failed, then succeeded',
      met: 1,
    });
  });
});

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
