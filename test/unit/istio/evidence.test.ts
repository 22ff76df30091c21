import { describe, expect, test } from '@jest/globals';
import { judgeProxies } from '../../../src/istio/evidence.ts';
import type { ProxyStatus, Sync } from '../../../src/istioctl/proxy-status.ts';
import { NEW, OLD, pod } from '../../support/mesh.ts';

const claim = { release: NEW, mayBeNone: false, strict: true };
const proxy = (name: string, sync: Sync = 'synced', version = NEW.version): ProxyStatus => ({
  name,
  namespace: 'a',
  version,
  istiod: 'istiod-1',
  sync,
  detail: `Cluster ${sync}`,
});
const answer = (...proxies: ProxyStatus[]) => ({ readable: true as const, proxies, istiods: ['istiod-1'] });

describe('promise 8: what proves that proxies are on a release', () => {
  test('a pod on the revision, of the version, connected and in sync', () => {
    expect(
      judgeProxies({ pods: [pod('a/p', NEW.revision)], status: answer(proxy('p')) }, claim),
    ).toMatchObject({
      kind: 'proved',
      count: 1,
    });
  });

  test.each([
    ['a pod of the old revision', pod('a/p', OLD.revision), proxy('p'), 'of revision'],
    [
      'a proxy image of the old version',
      pod('a/p', NEW.revision, { version: OLD.version }),
      proxy('p'),
      'of version',
    ],
    [
      'a pod without a sidecar',
      pod('a/p', undefined, { injectedBy: [NEW.revision] }),
      proxy('p'),
      'no sidecar',
    ],
    ['a pod that istiod does not know', pod('a/p', NEW.revision), proxy('q'), 'not connected'],
    ['a proxy that is stale', pod('a/p', NEW.revision), proxy('p', 'stale'), 'not in sync'],
    ['a proxy that rejects', pod('a/p', NEW.revision), proxy('p', 'error'), 'not in sync'],
    ['a proxy of which nothing is told', pod('a/p', NEW.revision), proxy('p', 'unknown'), 'not in sync'],
    [
      'a proxy that says another version',
      pod('a/p', NEW.revision),
      proxy('p', 'synced', OLD.version),
      'says it is',
    ],
    ['a pod that is not ready', pod('a/p', NEW.revision, { ready: false }), proxy('p'), 'not ready'],
  ])('not: %s', (_, given, status, words) => {
    const verdict = judgeProxies({ pods: [given], status: answer(status) }, claim);
    expect(verdict.kind).toBe('behind');
    expect(verdict.kind === 'behind' ? verdict.findings[0]?.message : '').toContain(words);
  });

  test('no answer, and no pod at all, are no evidence', () => {
    const pods = [pod('a/p', NEW.revision)];
    expect(judgeProxies({ pods, status: { readable: false, reason: 'silence' } }, claim).kind).toBe('unseen');
    expect(judgeProxies({ pods: [], status: answer() }, claim).kind).toBe('unseen');
    expect(judgeProxies({ pods: [], status: answer() }, { ...claim, mayBeNone: true }).kind).toBe('proved');
  });

  test('pods of other namespaces and pods that are ending do not count', () => {
    const pods = [
      pod('a/p', NEW.revision),
      pod('b/q', OLD.revision),
      pod('a/r', OLD.revision, { terminating: true }),
    ];
    expect(judgeProxies({ pods, status: answer(proxy('p')) }, { ...claim, namespaces: ['a'] }).kind).toBe(
      'proved',
    );
  });

  test('a rollback is not held up by what may have been so before', () => {
    const pods = [pod('a/p', NEW.revision), pod('a/q', NEW.revision, { ready: false })];
    const verdict = judgeProxies({ pods, status: answer(proxy('p')) }, { ...claim, strict: false });
    expect(verdict).toMatchObject({ kind: 'proved', count: 1 });
    expect(verdict.kind === 'proved' ? verdict.warnings.map(({ id }) => id) : []).toEqual(['pod-not-ready']);
  });
});
