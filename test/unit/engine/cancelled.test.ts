import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Cancelled } from '../../../src/engine/ending.ts';
import type { Deps, Session } from '../../../src/engine/session.ts';
import type { Inputs } from '../../../src/inputs.ts';
import { silentLogger } from '../../../src/log.ts';
import { lastLook, lastLookMs, newReport, run } from '../../../src/main.ts';
import type { Report } from '../../../src/report/report.ts';
import { view } from '../../support/mesh.ts';
import { scratch } from '../../support/scratch.ts';

const tempDir = scratch('istio-upgrade-cancelled');

test('issue 15: that a run was cancelled is told at once, whatever it waits for', async () => {
  const asked = Promise.withResolvers<undefined>();
  // A server that takes every request and answers none.
  const server = createServer(() => asked.resolve(undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kubeconfig = JSON.stringify({
    clusters: [
      {
        name: 'c',
        cluster: { server: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` },
      },
    ],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  const cancel = new AbortController();
  const published: Report[] = [];
  const deps = {
    log: silentLogger,
    env: {},
    tempDir,
    signal: cancel.signal,
    publish: (report: Report) => published.push(structuredClone(report)),
  };
  const inputs = { phase: 'precheck', kubeconfig, context: '', allowInsecureTls: true } as Inputs;
  const ended = run(inputs, deps as unknown as Deps, newReport('precheck', false), () => 60_000);
  await asked.promise;
  expect(published).toEqual([]);
  cancel.abort(new Cancelled('the run was cancelled (SIGINT)'));
  expect(published).toMatchObject([{ outcome: 'cancelled', findings: [{ id: 'cancelled' }] }]);
  expect(published[0]?.headline).toContain('was cancelled');
  await ended;
  expect(published.at(-1)).toMatchObject({ outcome: 'cancelled', findings: [{ id: 'cancelled' }] });
  server.closeAllConnections();
  server.close();
});

test('issue 15: the last look of a cancelled run is given up a second after that, whatever came before it', async () => {
  const cancel = new AbortController();
  expect(lastLookMs(cancel.signal)).toBe(15_000);
  cancel.abort(new Cancelled('the run was cancelled (SIGINT)'));
  expect(lastLookMs(cancel.signal)).toBeGreaterThan(900);
  await sleep(200);
  expect(lastLookMs(cancel.signal)).toBeLessThanOrEqual(805);
  await sleep(900);
  expect(lastLookMs(cancel.signal)).toBe(0);
});

test('issue 15: with no time for a last look, a cancelled run stands where it was decided, unless it wrote something', async () => {
  const cancel = new AbortController();
  const cancelled = new Cancelled('the run was cancelled (SIGINT)');
  cancel.abort(Object.assign(cancelled, { at: performance.now() - 2_000 }));
  const decided = view({ planes: [] });
  const look = async (wrote: Partial<Pick<Session, 'touched' | 'recorded'>>) => {
    const report: Report = { ...newReport('promote', false), outcome: 'cancelled', state: 'canary' };
    // What is asked of the cluster is never answered.
    const never = { list: () => Promise.withResolvers<never>().promise };
    const session = { touched: false, recorded: false, ...wrote, decided, deps: { signal: cancel.signal } };
    const seen = await lastLook({ ...session, keeper: never, inputs: {} } as unknown as Session, report);
    return { seen, state: report.state };
  };
  expect(await look({})).toEqual({ seen: decided, state: 'canary' });
  expect(await look({ touched: true })).toEqual({ seen: undefined, state: undefined });
  expect(await look({ recorded: true })).toEqual({ seen: undefined, state: undefined });
});
