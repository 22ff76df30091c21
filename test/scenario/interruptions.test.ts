import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../scripts/run-action.ts';
import type { Phase } from '../../src/outcome.ts';
import { OLD, type PhaseRequest, expectAllOn, expectEnding, withCluster } from '../support/cluster.ts';
import type { Snapshot } from '../support/normalise.ts';
import { persisting } from '../support/testbed-audit.ts';
import { differences } from '../suite/differences.ts';
import { descendantsOf, untilEnded } from '../crash/processes.ts';

const CANARY: PhaseRequest = { inputs: { 'canary-namespaces': 'storefront', timeout: '5m' } };

/** A Service that is made twice gets another address each time. */
function withoutAddresses(snapshot: Snapshot): unknown {
  return JSON.parse(
    JSON.stringify(snapshot, (key, value: unknown) => (/^clusterIPs?$/.test(key) ? undefined : value)),
  );
}

/** A canary that does not get on, so that others meet it. */
const LASTING: PhaseRequest = { inputs: { ...CANARY.inputs, set: 'hub=broken.example' } };

/** What istioctl says last of a control plane that never gets ready. */
const AWAITED = /Processing resources for Istiod/;

/** What a cancelled run has sent already arrives within this time. */
const IN_HANDS_MS = 1_000;

/** A run that has come to a point in its log and goes on. */
interface Running {
  readonly pid: number;
  /** Sends a signal to its process group. */
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<RunResult>;
}

/** What a log line says at the points where runs are interrupted. */
const POINTS = {
  'installing: the base is there': /Istio core installed/,
  'installing: istiod is awaited': /Waiting for Deployment/,
  'namespaces are moved': /relabelled, /,
  'restarting workloads': /Restart the workloads/,
} as const;

/** Promises 3, 4 and 9 under interruption: killed, frozen, cancelled, and two at once. */
describe('interruptions', () => {
  const cluster = withCluster('stops', ['--revision', '1-30-3']);
  let before: Snapshot = {};
  beforeAll(async () => {
    before = await cluster.snapshot();
  });

  /** Starts a phase and comes back when its log says what is waited for. */
  async function until(point: RegExp, phase: Phase, request: PhaseRequest): Promise<Running> {
    let pid = 0;
    let arrived: () => void = () => undefined;
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const ended = cluster.phase(phase, {
      ...request,
      onStart: (started) => {
        pid = started;
      },
      onLine: (line) => {
        if (point.test(line)) arrived();
      },
    });
    await Promise.race([
      there,
      ended.then((run) => {
        throw new Error(`the run ended before ${String(point)}:\n${run.summary}\n${run.stdout}`);
      }),
    ]);
    return { pid, signal: (name) => process.kill(-pid, name), ended };
  }

  async function rollBack(): Promise<void> {
    expectEnding(await cluster.phase('rollback', { inputs: { version: '1.31.0' } }), {
      outcome: 'rolled-back',
      state: 'rolled-back',
    });
    expect(differences(await cluster.snapshot(), before)).toEqual([]);
    await expectAllOn(cluster, { revision: '1-30-3', version: OLD });
  }

  async function leaseHolder(): Promise<unknown> {
    const [lease] = await cluster.list(
      'lease',
      '-n',
      'istio-system',
      '--field-selector',
      'metadata.name=istio-upgrade',
    );
    return (lease as { spec?: { holderIdentity?: unknown } } | undefined)?.spec?.holderIdentity;
  }

  // At its writes the crash matrix kills it; these two it can't meet: a wait, and many restarts at once.
  const killed = ['installing: istiod is awaited', 'restarting workloads'] as const;
  test.each(killed)('killed (%s), rollback ends where it began', async (name) => {
    const point = POINTS[name];
    const run = await until(point, 'canary', CANARY);
    run.signal('SIGKILL');
    expect((await run.ended).exitCode).toBeNull();
    await rollBack();
  });

  test('killed, the same phase again ends as if nothing had been', async () => {
    expectEnding(await cluster.phase('canary', CANARY), { outcome: 'succeeded', state: 'canary' });
    const undisturbed = withoutAddresses(await cluster.snapshot());
    await rollBack();
    for (const point of [POINTS['installing: istiod is awaited'], POINTS['restarting workloads']]) {
      const run = await until(point, 'canary', CANARY);
      run.signal('SIGKILL');
      await run.ended;
    }
    const again = await cluster.phase('canary', CANARY);
    // All of the restarts may have been asked for before it was killed: then nothing is left to do.
    const isThrough = again.outputs.outcome === 'no-changes';
    expectEnding(again, { outcome: isThrough ? 'no-changes' : 'succeeded', state: 'canary' });
    expect(differences(withoutAddresses(await cluster.snapshot()), undisturbed)).toEqual([]);
    await rollBack();
  });

  test.each(Object.entries(POINTS))(
    'cancelled (%s): told in time, lock given back, way back works',
    async (_, point) => {
      const run = await until(point, 'canary', CANARY);
      const startedAt = Date.now();
      const mark = cluster.audit.mark();
      run.signal('SIGINT');
      const cancelled = await run.ended;
      // What was in its hands may still arrive; nothing begins. The lock is given back.
      const late = cluster.audit
        .since(mark)
        .filter((event) => Date.parse(event.requestReceivedTimestamp) > startedAt + IN_HANDS_MS)
        .filter(({ objectRef }) => objectRef?.resource !== 'leases');
      expect(persisting(late)).toEqual([]);
      expect(Date.now() - startedAt).toBeLessThan(7_000 + 3_000);
      expectEnding(cancelled, { outcome: 'cancelled', errors: ['cancelled'] });
      expect(cancelled.summary).toContain('cancelled');
      expect(cancelled.outputs['rollback-ready']).toBe('true');
      expect(cancelled.leftovers).toEqual([]);
      expect(await leaseHolder()).toBeUndefined();
      await rollBack();
    },
  );

  test('killed alone: its istioctl lost its way to the server, and writes nothing more', async () => {
    const run = await until(AWAITED, 'canary', LASTING);
    const children = descendantsOf(run.pid);
    expect(children).not.toEqual([]);
    process.kill(run.pid, 'SIGKILL');
    const mark = cluster.audit.mark();
    await run.ended;
    expect(await untilEnded(children, 60_000)).toBeDefined();
    expect(persisting(cluster.audit.since(mark))).toEqual([]);
    await rollBack();
  });

  test('two at once: the second is refused and says who is at work', async () => {
    const first = await until(AWAITED, 'canary', LASTING);
    const second = await cluster.phase('canary', CANARY);
    expectEnding(second, { outcome: 'refused', errors: ['locked'] });
    expect(second.summary).toContain('another run is at work');
    first.signal('SIGINT');
    expectEnding(await first.ended, { outcome: 'cancelled', errors: ['cancelled'] });
    await rollBack();
  });

  test('a rollback asks a canary that still runs to stop, and wins', async () => {
    const run = await until(AWAITED, 'canary', LASTING);
    await rollBack();
    expectEnding(await run.ended, { outcome: 'cancelled', errors: ['cancelled'] });
  });

  test('frozen, taken over, and woken: it writes nothing more', async () => {
    const run = await until(POINTS['restarting workloads'], 'canary', CANARY);
    run.signal('SIGSTOP');
    await rollBack();
    const mark = cluster.audit.mark();
    run.signal('SIGCONT');
    const woken = await run.ended;
    expect(['cancelled', 'failed']).toContain(woken.outputs.outcome);
    expect(persisting(cluster.audit.since(mark))).toEqual([]);
    expect(differences(await cluster.snapshot(), before)).toEqual([]);
  });
});
