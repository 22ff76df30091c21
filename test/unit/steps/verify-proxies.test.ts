import { expect, test } from '@jest/globals';
import type { Context } from '../../../src/steps/context.ts';
import { silentLogger } from '../../../src/log.ts';
import { verifyProxies } from '../../../src/steps/verify-proxies.ts';
import { NEW, mesh, pod, view } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** Runs the step with no time to wait in, while istiod answers one thing after the other. */
function verify(...answers: readonly ('synced' | 'stale')[]): Promise<string> {
  const queue = [...answers];
  const spec = { planes: [], namespaces: { a: {} }, pods: [pod('a/p', NEW.revision)] };
  const seen = mesh(spec);
  const decided = view(spec);
  const istioctl = {
    proxyStatus: () => {
      const sync = queue.shift() ?? 'stale';
      const proxy = { name: 'p', namespace: 'a', version: NEW.version, istiod: 'i', sync, detail: '' };
      return Promise.resolve({ readable: true, proxies: [proxy], istiods: ['i'] });
    },
  };
  const context = {
    istioctl: { to: { istioctl }, from: { istioctl } },
    upgrade: decided.upgrade,
    report: emptyReport({}),
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 0,
    observe: () => Promise.resolve(seen),
  } as unknown as Context;
  return verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false })).run(context, decided);
}

test('what is proved by the last look, when the time is up, is told as what is proved before', async () => {
  const before = await verify('synced');
  expect(before).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
  expect(await verify('stale', 'synced')).toBe(before);
});

test('what the last look does not prove fails', async () => {
  await expect(verify('stale', 'stale')).rejects.toThrow(/not in sync/);
});
