import { describe, expect, test } from '@jest/globals';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import {
  type Claim,
  type Evidence,
  type ProxyVerdict,
  judgeProxies,
  remedyOfUnseen,
} from '../../../src/istio/evidence.ts';
import { acceptedBy, nobody } from '../../../src/istio/stragglers.ts';
import type { ProxyStatus, Sync } from '../../../src/istioctl/proxy-status.ts';
import { type MeshSpec, NEW, OLD, mesh, pod, workload } from '../../support/mesh.ts';

const claim: Claim = {
  release: NEW,
  mayBeNone: false,
  byVersion: false,
  before: NOTHING_BEFORE,
  accepted: nobody,
};
const proxy = (name: string, sync: Sync = 'synced', version = NEW.version): ProxyStatus => ({
  name,
  namespace: 'a',
  version,
  istiod: 'istiod-1',
  sync,
  detail: `Cluster ${sync}`,
});
const answer = (...proxies: ProxyStatus[]) => ({ readable: true as const, proxies, istiods: ['istiod-1'] });
const silence = { readable: false as const, reason: 'silence' };

function evidence(
  spec: Omit<MeshSpec, 'planes'>,
  status: Evidence['status'],
  other?: Evidence['other'],
): Evidence {
  return { mesh: mesh({ planes: [], ...spec }), status, other };
}

function warningsOf(verdict: ProxyVerdict): string[] {
  return verdict.kind === 'proved'
    ? verdict.warnings.map(({ id, severity }) => `${severity} ${id}`)
    : [verdict.kind];
}

function findingsOf(verdict: ProxyVerdict): string[] {
  return verdict.kind === 'behind'
    ? verdict.findings.map(({ id, object }) => `${id} ${object ?? ''}`)
    : [verdict.kind];
}

const broken = { done: false, desired: 2, updated: 0, available: 0, message: '0 of 2 replicas are new' };

describe('promise 8: what proves that proxies are on a release', () => {
  test('a pod on the revision, of the version, connected and in sync', () => {
    const given = evidence({ pods: [pod('a/p', NEW.revision)] }, answer(proxy('p')));
    expect(judgeProxies(given, claim)).toMatchObject({ kind: 'proved', count: 1, warnings: [] });
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
    ['a pod that is not ready', pod('a/p', NEW.revision, { ready: false }), proxy('p'), 'not ready'],
  ])('not: %s', (_, given, status, words) => {
    const verdict = judgeProxies(evidence({ pods: [given] }, answer(status)), claim);
    expect(verdict.kind).toBe('behind');
    expect(verdict.kind === 'behind' ? verdict.findings[0]?.message : '').toContain(words);
  });

  test('no answer, and no pod at all, are no evidence', () => {
    const pods = [pod('a/p', NEW.revision)];
    expect(judgeProxies(evidence({ pods }, silence), claim).kind).toBe('unseen');
    expect(judgeProxies(evidence({ pods }, answer(proxy('p')), silence), claim).kind).toBe('unseen');
    expect(judgeProxies(evidence({}, answer()), claim).kind).toBe('unseen');
    expect(judgeProxies(evidence({}, answer()), { ...claim, mayBeNone: true }).kind).toBe('proved');
  });

  test.each([
    ['nobody answers', { pods: [pod('a/p', NEW.revision)] }, silence, 'Check that istiod'],
    ['no proxy is there to tell of', {}, answer(), 'scale up a workload'],
  ])('where %s, the remedy is one that gets on', (_, given, said, words) => {
    const verdict = judgeProxies(evidence(given, said), claim);
    expect(
      verdict.kind === 'unseen' ? remedyOfUnseen(verdict, NEW.revision, mesh({ planes: [] })) : '',
    ).toContain(words);
  });

  test('pods of other namespaces, of a namespace that goes (M41), and pods that are ending do not count', () => {
    const given = evidence(
      {
        namespaces: { going: {} },
        namespaceFacts: { going: { terminating: true } },
        pods: [
          pod('a/p', NEW.revision),
          pod('b/q', OLD.revision),
          pod('going/q', OLD.revision),
          pod('a/r', OLD.revision, { terminating: true }),
        ],
        workloads: [
          workload('b/w', { injectedBy: [OLD.revision], rollout: broken }),
          workload('going/w', { injectedBy: [OLD.revision], rollout: broken }),
        ],
      },
      answer(proxy('p')),
    );
    expect(judgeProxies(given, { ...claim, scope: { namespaces: ['a', 'going'], tags: [] } }).kind).toBe(
      'proved',
    );
  });
});

describe('M25: a version that a proxy gives itself', () => {
  test.each(['1.31.0-solo', '1.16-dev', '1.31.0-distroless'])(
    '%s proves nothing against one that its own injector made and its istiod knows',
    (version) => {
      const given = evidence({ pods: [pod('a/p', NEW.revision)] }, answer(proxy('p', 'synced', version)));
      expect(judgeProxies(given, claim)).toMatchObject({ kind: 'proved', warnings: [] });
    },
  );

  test('an image that tells no version is judged by its revision and by istiod', () => {
    const byDigest = [pod('a/p', NEW.revision, { version: undefined })];
    expect(judgeProxies(evidence({ pods: byDigest }, answer(proxy('p'))), claim).kind).toBe('proved');
  });
});

describe('M04: workloads count, not only pods that exist', () => {
  const refused = workload('a/refused', { injectedBy: [NEW.revision], rollout: broken });
  const pods = [pod('a/p', NEW.revision)];
  const judge = (changes: Partial<typeof refused>, more: Partial<Claim> = {}): ProxyVerdict =>
    judgeProxies(evidence({ pods, workloads: [{ ...refused, ...changes }] }, answer(proxy('p'))), {
      ...claim,
      ...more,
    });

  test('0 of 2 with all its pods refused is behind, though every pod there is in sync', () => {
    expect(findingsOf(judge({}))).toEqual(['workload-not-ready Deployment a/refused']);
  });

  test('M21: not where it was so before: that is told, and holds nothing up', () => {
    const troubled = new Set(['Deployment a/refused']);
    expect(warningsOf(judge({}, { before: { ...NOTHING_BEFORE, troubled } }))).toEqual([
      'warning workload-not-healthy-before',
    ]);
  });

  test.each([
    ['accepted as a straggler', { accepted: true }],
    ['paused', { paused: true }],
    ['OnDelete', { onDelete: true }],
  ])('not one that is %s', (_, changes) => {
    expect(warningsOf(judge(changes))).toEqual([]);
  });
});

describe('what was so before is told, and is no reason to fail', () => {
  const ok = pod('a/p', NEW.revision);
  const judge = (given: typeof ok, status: ProxyStatus[], before: Partial<Claim['before']>): ProxyVerdict =>
    judgeProxies(evidence({ pods: [ok, given] }, answer(proxy('p'), ...status)), {
      ...claim,
      before: { ...NOTHING_BEFORE, ...before },
    });

  test('H09: a pod that had no sidecar when the rollback began', () => {
    const bare = pod('a/q', undefined, { injectedBy: [NEW.revision] });
    expect(judge(bare, [], { unsynced: new Set(['Pod a/q']) }).kind).toBe('proved');
    expect(judge(bare, [], {}).kind).toBe('behind');
    expect(judge(bare, [], { unsynced: new Set(['Deployment a/q']) }).kind).toBe('behind');
  });

  test.each<[string, ProxyStatus[], Partial<typeof ok>]>([
    ['stale', [proxy('q', 'stale')], {}],
    ['not connected', [], {}],
    ['not ready', [proxy('q')], { ready: false }],
  ])('M22: a pod that was %s when the rollback began', (_, status, changes) => {
    const given = pod('a/q', NEW.revision, changes);
    const verdict = judge(given, status, { unsynced: new Set(['Pod a/q']) });
    expect(verdict).toMatchObject({ kind: 'proved', count: 1 });
    expect(warningsOf(verdict)).toHaveLength(1);
    expect(judge(given, status, {}).kind).toBe('behind');
    // By its workload, once it has been restarted: a pod that is not ready is another matter.
    const byOwner = (...kinds: ('unsynced' | 'unconnected')[]) =>
      judge(given, status, Object.fromEntries(kinds.map((kind) => [kind, new Set(['Deployment a/q'])]))).kind;
    expect(byOwner('unsynced', 'unconnected')).toBe(given.ready ? 'proved' : 'behind');
    // Out of sync before is no excuse for not being there at all.
    expect(byOwner('unsynced')).toBe(given.ready && status.length > 0 ? 'proved' : 'behind');
    expect(judge(given, status, { unsynced: new Set(['Pod a/other']) }).kind).toBe('behind');
  });

  test('where no proxy is connected and in sync, nothing is proved', () => {
    const alone = (mayBeNone: boolean) =>
      judgeProxies(evidence({ pods: [ok] }, answer(proxy('p', 'stale'))), {
        ...claim,
        mayBeNone,
        before: { ...NOTHING_BEFORE, unsynced: new Set(['Deployment a/p']) },
      }).kind;
    expect(alone(false)).toBe('unseen');
    expect(alone(true)).toBe('proved');
  });

  test('an image that the template keeps is told, where the revision counts', () => {
    const kept = pod('a/q', NEW.revision, { version: OLD.version, keepsImage: true });
    const judged = (byVersion: boolean) =>
      judgeProxies(evidence({ pods: [ok, kept] }, answer(proxy('p'), proxy('q'))), { ...claim, byVersion });
    expect(judged(false).kind).toBe('proved');
    expect(warningsOf(judged(false))).toHaveLength(1);
    expect(judged(true).kind).toBe('behind');
    // Alone it shows as much, where it is connected and in sync (story 770001:126).
    const alone = (status: ReturnType<typeof answer>, more: object = {}) =>
      judgeProxies(evidence({ pods: [{ ...kept, ...more }] }, status), claim).kind;
    expect(alone(answer(proxy('q')))).toBe('proved');
    expect(alone(answer(proxy('q', 'stale')))).toBe('behind');
    expect(alone(answer())).toBe('behind');
    expect(alone(answer(proxy('q')), { ready: false })).toBe('behind');
  });

  test('images that templates keep: they are counted apart, and alone in a canary they show little', () => {
    const kept = pod('a/q', NEW.revision, { version: OLD.version, keepsImage: true });
    const canary = { ...claim, scope: { namespaces: ['a'], tags: [] } };
    const both = judgeProxies(evidence({ pods: [ok, kept] }, answer(proxy('p'), proxy('q'))), canary);
    expect(both).toMatchObject({ kind: 'proved', count: 1, kept: 1 });
    expect(warningsOf(both)).toEqual(['warning proxy-behind']);
    const alone = judgeProxies(evidence({ pods: [kept] }, answer(proxy('q'))), canary);
    expect(alone).toMatchObject({
      kind: 'proved',
      count: 0,
      kept: 1,
      warnings: [
        {
          id: 'proxy-behind',
          message: expect.stringMatching(/keeps; it is connected to 1-31-0 and in sync$/),
          remedy: expect.stringContaining('Nothing, if that image is meant.'),
        },
        {
          id: 'template-pins-proxy-image',
          severity: 'warning',
          message: expect.stringContaining('no proxy of'),
        },
      ],
    });
  });

  test('M21: the unready pod of a workload that was broken before, on either side', () => {
    const troubled = new Set(['Deployment a/q']);
    for (const revision of [OLD.revision, NEW.revision]) {
      const given = pod('a/q-1', revision, { ready: false });
      expect(judge(given, [], { troubled }).kind).toBe('proved');
      expect(judge(given, [], {}).kind).toBe('behind');
    }
  });

  test('M21: in place the version of a workload that was broken before, as it is not restarted', () => {
    const older = pod('a/q-1', NEW.revision, { version: OLD.version, ready: false });
    const given = evidence({ pods: [pod('a/p', NEW.revision), older] }, answer(proxy('p')));
    const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/q']) };
    const verdict = judgeProxies(given, { ...claim, byVersion: true, before });
    expect(warningsOf(verdict)).toEqual(['warning proxy-behind']);
    expect(judgeProxies(given, { ...claim, byVersion: true }).kind).toBe('behind');
    // Beside the old one the revision tells, and a version that is not the revision's is wrong.
    expect(judgeProxies(given, { ...claim, before }).kind).toBe('behind');
  });

  test('M21: a workload that was broken before and is well now has no excuse any more', () => {
    const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/q']) };
    const kind = (changes: Parameters<typeof workload>[1]): string => {
      const pods = [pod('a/p', NEW.revision), pod('a/q-1', OLD.revision)];
      const given = evidence({ pods, workloads: [workload('a/q', changes)] }, answer(proxy('p')));
      return judgeProxies(given, { ...claim, before }).kind;
    };
    expect(kind({ rollout: broken })).toBe('proved');
    expect(kind({})).toBe('behind');
  });

  test('M21: a troubled workload excuses no proxy that is ready and stale', () => {
    const troubled = new Set(['Deployment a/q']);
    expect(judge(pod('a/q-1', NEW.revision), [proxy('q-1', 'stale')], { troubled }).kind).toBe('behind');
  });

  test('M27: a pod that its injector leaves alone', () => {
    const given = pod('a/q-1', undefined, { injectedBy: [NEW.revision] });
    expect(warningsOf(judge(given, [], { declined: new Set(['Deployment a/q']) }))).toEqual([
      'warning pod-without-sidecar',
    ]);
    expect(judge(given, [], {}).kind).toBe('behind');
  });

  test('a pod that alone asks for a sidecar, whose template and namespace do not', () => {
    const alone = pod('hand/y-1', undefined, { injectedBy: [OLD.revision] });
    const beside = [pod('a/p', NEW.revision), alone];
    const namespaces = { hand: {} };
    const kindOf = (seen: Omit<MeshSpec, 'planes'>): string =>
      judgeProxies(evidence({ pods: beside, namespaces, ...seen }, answer(proxy('p'))), claim).kind;
    expect(kindOf({})).toBe('proved');
    expect(kindOf({ workloads: [workload('hand/y')] })).toBe('behind');
    expect(kindOf({ namespaces: {} })).toBe('behind');
  });

  test('a rollback is not told to run one', () => {
    const ill = workload('a/w', { rollout: broken });
    const remedies = [false, true].map((isWayBack) => {
      const given = evidence({ pods: [pod('a/p', NEW.revision)], workloads: [ill] }, answer(proxy('p')));
      const verdict = judgeProxies(given, { ...claim, isWayBack });
      return verdict.kind === 'behind' && verdict.findings[0]?.remedy?.includes('rollback');
    });
    expect(remedies).toEqual([true, false]);
  });

  test('M24: a pod that was accepted does not count', () => {
    const given = pod('a/q', OLD.revision, { owner: undefined, accepted: true });
    expect(judge(given, [], {})).toMatchObject({ kind: 'proved', count: 1, warnings: [] });
    expect(judge({ ...given, accepted: false }, [], {}).kind).toBe('behind');
  });
});

describe('M08: who is still connected to the side that is left', () => {
  const given = (other: ProxyStatus, pods = [pod('a/p', NEW.revision)]): Evidence =>
    evidence({ pods }, answer(proxy('p')), answer(other));
  const leaving = { ...claim, leaving: OLD.revision };

  test('a proxy that no injector made is named, and how to accept it', () => {
    const verdict = judgeProxies(given(proxy('by-hand')), leaving);
    expect(findingsOf(verdict)).toEqual(['unknown-proxy-connected Pod a/by-hand']);
    expect(verdict.kind === 'behind' ? verdict.findings[0]?.remedy : '').toContain(
      'allow-stragglers: a/by-hand',
    );
  });

  test('also one that is there as a pod that should have a sidecar and, by all that is seen, has none', () => {
    const bare = pod('a/by-hand', undefined, { injectedBy: [NEW.revision] });
    expect(
      findingsOf(judgeProxies(given(proxy('by-hand'), [pod('a/p', NEW.revision), bare]), leaving)),
    ).toContain('unknown-proxy-connected Pod a/by-hand');
  });

  test('not one that was accepted, nor where nobody leaves', () => {
    const accepted = acceptedBy({ names: ['a/by-hand'], selectors: [] });
    expect(judgeProxies(given(proxy('by-hand')), { ...leaving, accepted }).kind).toBe('proved');
    expect(judgeProxies(given(proxy('by-hand')), claim).kind).toBe('proved');
  });

  test('a pod that counts is judged as a pod, not by a connection that is just ending', () => {
    expect(judgeProxies(given(proxy('p')), leaving).kind).toBe('proved');
  });
});
