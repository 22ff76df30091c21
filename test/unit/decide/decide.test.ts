import { describe, expect, test } from '@jest/globals';
import type { Check } from '../../../src/checks/check.ts';
import { removalTime } from '../../../src/checks/removal-time.ts';
import { type Beginning, type Decision, decide } from '../../../src/decide/decide.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import type { UpgradeState } from '../../../src/outcome.ts';
import type { Sync } from '../../../src/istioctl/proxy-status.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { type Asked, facts, record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, plane, pod, workload } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const before: MeshSpec = {
  planes: [old],
  tags: { default: OLD.revision },
  defaultValidator: OLD.revision,
  namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio-injection': 'enabled' } },
  pods: [pod('a/p-1', OLD.revision), pod('b/p-1', OLD.revision)],
};
const canary: MeshSpec = {
  ...before,
  planes: [old, target],
  namespaces: { ...before.namespaces, a: { 'istio.io/rev': NEW.revision } },
  originals: { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } },
  pods: [pod('a/p-1', NEW.revision), pod('b/p-1', OLD.revision)],
};

const ANY: readonly UpgradeState[] = [
  'none',
  'canarying',
  'canary',
  'promoting',
  'promoted',
  'removing',
  'rolling-back',
  'rolled-back',
  'completed',
];
const says =
  (severity: 'error' | 'warning'): Check =>
  () => [{ id: 'said', severity, message: 'm' }];

function run(
  asked: Asked,
  spec: MeshSpec,
  changes: Partial<Facts> = {},
  phase: Partial<Beginning> = {},
): Decision {
  return decide(
    { states: ANY, checks: [], ...phase },
    facts({ canaryNamespaces: { names: ['a'], selectors: [] }, ...asked }, spec, changes),
  );
}

function ids(decision: Decision): string[] {
  return decision.findings.map(({ id }) => id);
}

/** What an istiod of a side says of the pods `a/p-1` and `b/p-1`. */
function answer(...proxies: (readonly [string, Sync])[]) {
  return {
    readable: true as const,
    istiods: ['i'],
    proxies: proxies.map(([namespace, sync]) => ({
      name: 'p-1',
      namespace,
      version: NEW.version,
      istiod: 'i',
      sync,
      detail: '',
    })),
  };
}

describe('what a run is about', () => {
  test('a new upgrade: sides, scope, and an attempt of its own', () => {
    expect(run({}, before)).toMatchObject({
      kind: 'upgrade',
      state: 'none',
      findings: [],
      view: {
        upgrade: { attempt: '1-30-3-to-1-31-0-fresh', from: OLD, to: NEW, scope: { namespaces: ['a'] } },
      },
    });
  });

  test('a run that resumes keeps the attempt; one after the end opens a new one (H69)', () => {
    const attempt = (decision: Decision): string =>
      decision.kind === 'upgrade' ? decision.view.upgrade.attempt : decision.kind;
    expect(attempt(run({}, canary, { record: record() }))).toBe('first');
    const ended = record({ intent: 'rollback', endedAt: '2026-11-28T01:00:00Z' });
    expect(attempt(run({}, before, { record: ended }))).toBe('1-30-3-to-1-31-0-fresh');
    // A record of another target is not this upgrade's.
    const another = record({ to: { revision: '1-31-1', version: '1.31.1' } });
    expect(attempt(run({}, before, { record: another }))).toBe('1-30-3-to-1-31-0-fresh');
  });

  test('after a rollback the version before is nothing to upgrade, and a newer one begins afresh (H69)', () => {
    const ended = record({ intent: 'rollback', endedAt: '2026-11-28T01:00:00Z' });
    const stateAt = (version: string): unknown => {
      const decision = run({ phase: 'precheck', version, revision: version.replaceAll('.', '-') }, before, {
        record: ended,
      });
      return 'state' in decision ? decision.state : decision.kind;
    };
    expect([OLD.version, NEW.version, '1.31.1'].map(stateAt)).toEqual(['nothing', 'rolled-back', 'none']);
  });

  test('promote is about the rest of the mesh, but for what Git lets follow the default (M28)', () => {
    const scopeOf = (spec: MeshSpec): unknown => {
      const decision = run({ phase: 'promote' }, spec, { status: { to: answer(['a', 'synced']) } });
      return decision.kind === 'upgrade' ? decision.view.upgrade.scope.namespaces : decision;
    };
    expect(scopeOf(canary)).toEqual(['a', 'b']);
    const git = { tool: 'Argo CD', labels: ['istio-injection'] };
    expect(scopeOf({ ...canary, namespaceFacts: { b: { git } } })).toEqual(['a']);
  });

  test('an ended run that has nothing to do says so', () => {
    expect(run({}, { planes: [target] })).toMatchObject({ kind: 'nothing' });
  });
});

describe('M34, M35: a record that the cluster does not bear out', () => {
  const swapped = record({ from: NEW, to: OLD });

  test.each(['canary', 'promote', 'rollback'] as const)('is told in %s, and not used', (phase) => {
    const decision = run({ phase }, canary, { record: swapped, status: { to: answer(['a', 'synced']) } });
    expect(decision).toMatchObject({
      kind: 'upgrade',
      view: { record: undefined, upgrade: { attempt: '1-30-3-to-1-31-0-fresh', from: OLD, to: NEW } },
    });
    expect(ids(decision)).toEqual(['record-not-credible']);
  });

  test('is told also where the run is refused: rollback without version names both candidates', () => {
    const wanted = { phase: 'rollback', version: undefined, revision: undefined } as const;
    const decision = run(wanted, canary, { record: swapped });
    expect(decision.kind).toBe('refused');
    expect(ids(decision)).toEqual(['target-unknown', 'record-not-credible']);
    expect(decision.findings[0]?.message).toContain(OLD.version);
  });

  test('a target by the name of the unrevisioned one is no target', () => {
    const forged = record({ to: { revision: 'default', version: NEW.version } });
    const decision = run({ phase: 'promote', version: undefined, revision: undefined }, canary, {
      record: forged,
    });
    expect(ids(decision)).toEqual(['target-unknown', 'record-not-credible']);
  });
});

describe('the record of another upgrade says nothing of this one', () => {
  const EARLIER = { revision: '1-29-6', version: '1.29.6' };
  const through = record({ from: EARLIER, to: OLD, promotedAt: '2026-08-01T00:00:00.000Z' });
  const byHand: MeshSpec = { ...before, planes: [old, target] };
  const endedAt = '2026-08-01T01:00:00.000Z';

  test.each<[string, UpgradeRecord]>([
    ['that was promoted and has ended', { ...through, intent: 'promote', endedAt }],
    ['whose old control plane was removed by hand', { ...through, intent: 'promote' }],
    [
      'whose removal is through but for its record',
      { ...through, intent: 'remove', removing: ['Service x'] },
    ],
    [
      'in place, that has ended',
      {
        ...through,
        from: { revision: 'default', version: EARLIER.version },
        to: { revision: 'default', version: OLD.version },
        intent: 'promote',
        endedAt,
      },
    ],
  ])('one %s: a canary that somebody installed is none under way, as without it', (_, other) => {
    for (const known of [other, undefined])
      expect(run({}, byHand, { record: known })).toMatchObject({
        kind: 'upgrade',
        state: 'canarying',
        view: { record: undefined },
      });
  });

  test('nor whether it was rolled back', () => {
    const back = record({ to: { revision: '1-31-1', version: '1.31.1' }, intent: 'rollback', endedAt });
    expect(run({}, before, { record: back })).toMatchObject({ kind: 'upgrade', state: 'none' });
  });

  test('nor since when the mesh is promoted: the old control plane waits for its time', () => {
    const promoted: MeshSpec = {
      planes: [old, target],
      tags: { default: NEW.revision },
      defaultValidator: NEW.revision,
      namespaces: { a: { 'istio.io/rev': NEW.revision } },
      pods: [pod('a/p-1', NEW.revision)],
    };
    const asked: Asked = { phase: 'promote', removeOld: true, removeOldAfterMs: 24 * 3_600_000 };
    const checks = [removalTime];
    const mine = { ...through, from: OLD, to: NEW, intent: 'promote' as const };
    expect(run(asked, promoted, { record: mine }, { checks }).kind).toBe('upgrade');
    const other = { ...through, intent: 'promote' as const, endedAt };
    expect(ids(run(asked, promoted, { record: other }, { checks }))).toEqual(['removal-too-early']);
  });
});

describe('whether a phase may begin', () => {
  test('not from another state', () => {
    const decision = run(
      { phase: 'promote' },
      { ...before, planes: [old, target] },
      {},
      { states: ['canary'] },
    );
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(ids(decision)).toEqual(['wrong-state']);
  });

  test('not with an error of a check; a warning goes along', () => {
    expect(run({}, before, {}, { checks: [says('error')] })).toMatchObject({
      kind: 'refused',
      state: 'none',
    });
    const warned = run({}, before, {}, { checks: [says('warning')] });
    expect(warned.kind).toBe('upgrade');
    expect(ids(warned)).toEqual(['said']);
  });

  test('not with a namespace that is not in the mesh, and then no check is asked', () => {
    const wrong = { canaryNamespaces: { names: ['nowhere'], selectors: [] } };
    expect(ids(run(wrong, before, {}, { checks: [says('error')] }))).toEqual(['namespace-not-found']);
    // Promote and rollback are not about the canary's namespaces.
    expect(run({ phase: 'rollback', ...wrong }, canary).kind).toBe('upgrade');
  });

  test('M01: rollback with the older version is refused before anything else is asked', () => {
    const decision = run(
      { phase: 'rollback', version: OLD.version, revision: OLD.revision },
      canary,
      {},
      { checks: [says('error')] },
    );
    expect(ids(decision)).toEqual(['target-not-newer']);
  });

  test('F01: a canary of other content that nothing uses is installed over', () => {
    const spec = { ...before, planes: [old, plane(NEW.revision, '1.31.9')] };
    expect(run({}, spec).kind).toBe('upgrade');
  });
});

describe('a canary that is none: promote says why, and what gets on', () => {
  const old1 = { 'istio.io/rev': OLD.revision };
  const undone: MeshSpec = { ...canary, namespaces: { ...before.namespaces, a: old1 } };
  const idle = { done: true, desired: 0, updated: 0, available: 0, message: '' };

  test.each<[string, MeshSpec, string, string]>([
    [
      'somebody has put the labels back',
      undone,
      `somebody has put back the label istio.io/rev=${OLD.revision} of namespace a since canary moved it`,
      `Find who applies namespace a (CI, GitOps, a person), and let it set istio.io/rev=${NEW.revision}`,
    ],
    [
      'its istiod is scaled to zero',
      { ...canary, planes: [old, { ...target, rollout: idle }] },
      'is scaled to zero',
      `kubectl scale deployment istiod-${NEW.revision}`,
    ],
    [
      'its istiod is not ready',
      { ...canary, planes: [old, { ...target, rollout: { ...idle, desired: 1, done: false } }] },
      'is not ready',
      'serves again, run the phase again',
    ],
    [
      'its namespaces are gone',
      { ...before, planes: [old, target], namespaces: { b: { 'istio-injection': 'enabled' } } },
      'was deleted or relabelled since',
      'with canary-namespaces that are there',
    ],
    [
      'somebody else injects them, too',
      { ...canary, namespaceFacts: { a: { injectedBy: [OLD.revision, NEW.revision] } } },
      `is injected by ${OLD.revision} and ${NEW.revision}`,
      'istioctl x injector list',
    ],
  ])('%s', (_, spec, message, remedy) => {
    const decision = run({ phase: 'promote' }, spec, { record: record() }, { states: ['canary'] });
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(decision.findings).toMatchObject([
      {
        id: 'wrong-state',
        message: expect.stringContaining(message) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      },
    ]);
  });

  test('of another state nothing is guessed', () => {
    const decision = run({}, before, {}, { states: ['canary'] });
    expect(decision.findings).toMatchObject([
      { id: 'wrong-state', message: "the upgrade is in state none, from which canary can't go on" },
    ]);
  });
});

describe('M02: a canary is proved before anything is built on it', () => {
  const promote = (to: Facts['status']['to'], spec: MeshSpec = canary): Decision =>
    run(
      { phase: 'promote' },
      spec,
      { status: to === undefined ? {} : { to } },
      { states: ['canary', 'promoting', 'promoted'] },
    );

  test('promote begins from one that works', () => {
    expect(promote(answer(['a', 'synced']))).toMatchObject({ kind: 'upgrade', state: 'canary' });
  });

  test.each<[string, Facts['status']['to'], MeshSpec, string]>([
    ['stale', answer(['a', 'stale']), canary, 'proxy-behind'],
    ['not connected', answer(), canary, 'proxy-behind'],
    [
      'not ready',
      answer(['a', 'synced']),
      { ...canary, pods: [pod('a/p-1', NEW.revision, { ready: false })] },
      'pod-not-ready',
    ],
  ])('one that is %s is canarying, and promote is refused with the reason', (_, to, spec, id) => {
    const decision = promote(to, spec);
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(ids(decision)).toEqual([id]);
  });

  test('where istiod does not answer, it is not said to be a canary, and promote is refused', () => {
    const decision = promote({ readable: false, reason: 'silence' });
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(ids(decision)).toEqual(['proxies-not-seen']);
  });

  test('and a rollback from there begins all the same', () => {
    const silence = { readable: false as const, reason: 'silence' };
    expect(run({ phase: 'rollback' }, canary, { status: { to: silence } })).toMatchObject({
      kind: 'upgrade',
      state: 'canarying',
    });
    expect(run({ phase: 'rollback' }, canary, { status: { to: answer(['a', 'stale']) } })).toMatchObject({
      kind: 'upgrade',
      state: 'canarying',
    });
  });
});

describe('in place, an upgrade that is under way is complete only when its istiod says so of all proxies', () => {
  const R = 'default';
  const at = (name: string) => pod(name, R, { version: NEW.version });
  const through: MeshSpec = {
    planes: [plane(R, NEW.version)],
    tags: { default: R },
    namespaces: { a: { 'istio-injection': 'enabled' }, b: { 'istio-injection': 'enabled' } },
    pods: [at('a/p-1'), at('b/p-1')],
  };
  const known = (intent: 'canary' | 'promote') =>
    record({
      from: { revision: R, version: OLD.version },
      to: { revision: R, version: NEW.version },
      intent,
    });
  const stateOf = (phase: 'canary' | 'promote', sync: Sync, intent: 'canary' | 'promote' = 'canary') => {
    const asked = { phase, strategy: 'in-place' as const, version: NEW.version };
    const status = { to: answer(['a', 'synced'], ['b', sync]) };
    const decision = run(asked, through, { record: known(intent), status }, { states: ANY });
    return decision.kind === 'nothing' ? decision.kind : decision.state;
  };

  test('all are in sync', () => {
    expect(stateOf('canary', 'synced')).toBe('completed');
  });

  test('one outside of the canary is not', () => {
    expect(stateOf('canary', 'stale')).toBe('canary');
    expect(stateOf('promote', 'stale')).toBe('canarying');
    expect(stateOf('promote', 'stale', 'promote')).toBe('promoting');
  });
});

describe('in place, a canary that is none: promote says why, and what gets on', () => {
  const R = 'default';
  const A = { revision: R, version: OLD.version };
  const B = { revision: R, version: NEW.version };
  const at = (name: string, version: string, changes: Parameters<typeof pod>[2] = {}) =>
    pod(name, R, { version, ...changes });
  const half: MeshSpec = {
    planes: [plane(R, NEW.version)],
    tags: { default: R },
    namespaces: { a: { 'istio-injection': 'enabled' }, b: { 'istio-injection': 'enabled' } },
    workloads: [
      workload('a/p', { restartedFor: `${R}@${NEW.version}#first` }),
      workload('a/q'),
      workload('b/p'),
    ],
    pods: [at('a/p-1', NEW.version), at('a/q-1', OLD.version), at('b/p-1', OLD.version)],
  };
  const idle = { done: true, desired: 0, updated: 0, available: 0, message: '' };
  const begun = record({ from: A, to: B, canary: ['a'] });
  const promote = (spec: MeshSpec): Decision => {
    const asked = { phase: 'promote', strategy: 'in-place', version: NEW.version } as const;
    return run(asked, spec, { record: begun }, { states: ['canary', 'promoting', 'completed'] });
  };
  const stuck = (name: string, changes: object) => workload(name, { paused: true, ...changes });

  test.each<[string, MeshSpec, string, string]>([
    [
      'istiod is scaled to zero',
      { ...half, planes: [plane(R, NEW.version, { rollout: idle })] },
      'is scaled to zero',
      'kubectl scale deployment istiod',
    ],
    [
      'istiod was not replaced yet',
      { ...half, planes: [plane(R, OLD.version)] },
      `istiod is ${OLD.version}, not ${NEW.version}`,
      'Run canary',
    ],
    [
      'something of the canary is behind',
      half,
      `Deployment a/q has a pod that is not on ${NEW.version}`,
      'Run canary with canary-namespaces: a. It restarts what is behind there.',
    ],
    [
      'nothing of it is there any more',
      { ...half, workloads: [], pods: [at('b/p-1', OLD.version)] },
      'scaled down since',
      'with canary-namespaces that are there',
    ],
  ])('%s', (_, spec, message, remedy) => {
    const decision = promote(spec);
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(decision.findings).toMatchObject([
      {
        id: 'wrong-state',
        message: expect.stringContaining(message) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      },
    ]);
  });

  test('what no restart moves is told as the check tells it, with all that promote would be refused for', () => {
    const spec = { ...half, workloads: [workload('a/p'), stuck('a/q', {}), stuck('b/p', {})] };
    const decision = promote(spec);
    expect(decision).toMatchObject({ kind: 'refused', state: 'canarying' });
    expect(decision.findings.map(({ id, object, severity }) => [id, object, severity])).toEqual([
      ['workload-will-not-move', 'Deployment a/q', 'error'],
      ['workload-will-not-move', 'Deployment b/p', 'error'],
    ]);
  });

  test('what is stuck elsewhere is not why', () => {
    const spec = { ...half, workloads: [workload('a/p'), workload('a/q'), stuck('b/p', {})] };
    expect(ids(promote(spec))).toEqual(['wrong-state']);
  });
});

describe('in place, promote goes on with an attempt that had ended', () => {
  const R = 'default';
  const A = { revision: R, version: OLD.version };
  const B = { revision: R, version: NEW.version };
  const at = (name: string, version: string) => pod(name, R, { version });
  const ended = record({ from: A, to: B, intent: 'promote', endedAt: 'then' });
  const attemptOf = (version: string, phase: 'canary' | 'promote' | 'rollback' = 'promote') => {
    const spec: MeshSpec = {
      planes: [plane(R, NEW.version)],
      tags: { default: R },
      namespaces: { a: { 'istio-injection': 'enabled' } },
      workloads: [workload('a/p'), workload('a/q')],
      pods: [at('a/p-1', NEW.version), at('a/q-1', version)],
    };
    const decision = run({ phase, strategy: 'in-place', version: NEW.version }, spec, { record: ended });
    return decision.kind === 'upgrade' ? decision.view.upgrade.attempt : decision.kind;
  };

  test('where it has left something that may move by now', () => {
    expect(attemptOf(OLD.version)).toBe('first');
  });

  test('another phase begins one of its own, and so does a promote that only looks', () => {
    expect(attemptOf(OLD.version, 'rollback')).toContain('fresh');
    expect(attemptOf(OLD.version, 'canary')).toContain('fresh');
    expect(attemptOf(NEW.version)).toContain('fresh');
  });
});

describe('what was wrong before', () => {
  const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };
  const beforeOf = (decision: Decision): { troubled: string[]; unsynced: string[] } => {
    if (decision.kind !== 'upgrade') throw new Error(decision.kind);
    const { troubled, unsynced } = decision.view.before;
    return { troubled: [...troubled].sort(), unsynced: [...unsynced].sort() };
  };

  test('M21: what is broken and was not restarted by this attempt; what the record knows stays known', () => {
    const spec: MeshSpec = {
      ...canary,
      workloads: [
        workload('b/broken', { rollout }),
        workload('a/ours', { rollout, restartedFor: `${NEW.revision}@${NEW.version}#first` }),
        workload('a/earlier', { rollout, restartedFor: `${OLD.revision}@${OLD.version}#another` }),
        workload('a/fine'),
      ],
    };
    const known = record({ troubled: ['Deployment a/known'] });
    expect(beforeOf(run({}, spec, { record: known })).troubled).toEqual([
      'Deployment a/earlier',
      'Deployment a/known',
      'Deployment b/broken',
    ]);
    // What an attempt that has ended knew is not of this one.
    const ended = record({ troubled: ['Deployment a/known'], endedAt: '2026-11-28T01:00:00Z' });
    expect(beforeOf(run({}, before, { record: ended })).troubled).toEqual([]);
  });

  test('M21: promote and rollback of one that is complete know what was wrong before it', () => {
    const known = { troubled: ['Deployment a/known'], unsynced: ['Deployment b/known'] };
    const status = { from: answer(['b', 'synced']) };
    const ended = record({ ...known, intent: 'promote', endedAt: '2026-11-28T01:00:00Z' });
    for (const phase of ['promote', 'rollback'] as const)
      expect(beforeOf(run({ phase }, canary, { record: ended, status }))).toEqual(known);
    // Who is in sync by now has no excuse any more.
    const well = { status: { from: answer(['b', 'synced']) } };
    const named = record({
      unsynced: ['Deployment b/p'],
      intent: 'promote',
      endedAt: '2026-11-28T01:00:00Z',
    });
    expect(beforeOf(run({ phase: 'promote' }, canary, { record: named, ...well })).unsynced).toEqual([]);
    // After a rollback it is over.
    const back = record({ ...known, intent: 'rollback', endedAt: '2026-11-28T01:00:00Z' });
    const later = run({ phase: 'rollback' }, canary, { record: back, status });
    expect(beforeOf(later)).toEqual({ troubled: [], unsynced: [] });
  });

  test('M34: with the record lost, what was restarted for the target was not broken before', () => {
    const restartedFor = `${NEW.revision}@${NEW.version}#lost`;
    const spec: MeshSpec = {
      ...canary,
      workloads: [
        workload('a/ours', { rollout, restartedFor, injectedBy: [NEW.revision] }),
        workload('b/back', { rollout, restartedFor, injectedBy: [OLD.revision] }),
        workload('a/broken', { rollout, injectedBy: [NEW.revision] }),
      ],
    };
    // It has an excuse where it was rolled back, or where nobody restarted it.
    expect(beforeOf(run({}, spec)).troubled).toEqual(['Deployment a/broken', 'Deployment b/back']);
  });

  test('M22: a rollback takes the proxies outside of the canary as it finds them', () => {
    const spec = { ...canary, pods: [...(canary.pods ?? []), pod('b/q-1', OLD.revision)] };
    const asked = { phase: 'rollback' } as const;
    expect(beforeOf(run(asked, spec, { status: { from: answer(['b', 'stale']) } })).unsynced).toEqual([
      'Deployment b/p',
      'Deployment b/q',
      'Pod b/p-1',
      'Pod b/q-1',
    ]);
    expect(beforeOf(run(asked, canary, { status: { from: answer(['b', 'synced']) } })).unsynced).toEqual([]);
    // No answer: nothing is excused.
    const silence = { readable: false as const, reason: 'silence' };
    expect(beforeOf(run(asked, spec, { status: { from: silence } })).unsynced).toEqual([]);
  });

  test('H09: a rollback leaves a pod without a sidecar as it finds it; the other phases give it one', () => {
    const spec = { ...canary, pods: [pod('b/bare', undefined, { injectedBy: [OLD.revision] })] };
    const status = { from: answer(['b', 'synced']) };
    expect(beforeOf(run({ phase: 'rollback' }, spec, { status })).unsynced).toEqual(['Pod b/bare']);
    expect(beforeOf(run({}, spec, { status })).unsynced).toEqual([]);
  });

  test('M22: whose proxy istiod did not see before the restart is remembered by its workload, in every phase', () => {
    const moved = {
      ...canary,
      workloads: [workload('b/p', { restartedFor: `${NEW.revision}@${NEW.version}#first` })],
    };
    const asked = { status: { from: answer(['b', 'stale']) } };
    expect(beforeOf(run({}, canary, asked)).unsynced).toEqual(['Deployment b/p']);
    expect(beforeOf(run({}, moved, { ...asked, record: record() })).unsynced).toEqual([]);
    const known = record({ unsynced: ['Deployment b/known'] });
    expect(beforeOf(run({}, moved, { ...asked, record: known })).unsynced).toEqual(['Deployment b/known']);
    const ended = record({ unsynced: ['Deployment b/known'], endedAt: '2026-11-28T01:00:00Z' });
    expect(beforeOf(run({}, before, { record: ended })).unsynced).toEqual([]);
  });

  test('M21: what a rollback finds broken on the canary is what it is there to mend', () => {
    const spec: MeshSpec = {
      ...canary,
      workloads: [workload('a/p', { rollout }), workload('b/p', { rollout })],
    };
    const decision = run({ phase: 'rollback' }, spec, { status: { from: answer(['b', 'synced']) } });
    expect(beforeOf(decision).troubled).toEqual(['Deployment b/p']);
  });

  test('a rollback leaves pods of a third control plane as it finds them', () => {
    const spec = { ...canary, pods: [...(canary.pods ?? []), pod('c/q-1', '1-29-0')] };
    const status = { from: answer(['b', 'synced']) };
    expect(beforeOf(run({ phase: 'rollback' }, spec, { status })).unsynced).toEqual(['Pod c/q-1']);
    expect(beforeOf(run({ phase: 'promote' }, spec, { status })).unsynced).toEqual([]);
  });
});
