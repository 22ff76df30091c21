import { describe, expect, test } from '@jest/globals';
import type { PodMaker } from '../../../src/istio/mesh.ts';
import type { UpgradeState } from '../../../src/outcome.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { isWholeCanary, proofOfCanary, stateOf } from '../../../src/istio/state.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { nobody } from '../../../src/istio/stragglers.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

function maker(kind: string, changes: Partial<PodMaker> = {}): PodMaker {
  return {
    kind,
    namespace: 'b',
    name: 'nightly',
    injectedBy: [OLD.revision],
    pinnedRevision: undefined,
    accepted: false,
    ...changes,
  };
}

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const before: MeshSpec = {
  planes: [old],
  tags: { default: OLD.revision },
  defaultValidator: OLD.revision,
  namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio.io/rev': OLD.revision } },
  pods: [pod('a/p', OLD.revision), pod('b/p', OLD.revision)],
};
const canary: MeshSpec = {
  ...before,
  planes: [old, target],
  namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': OLD.revision } },
  originals: { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } },
  pods: [pod('a/p', NEW.revision), pod('b/p', OLD.revision)],
};
const promoted: MeshSpec = {
  ...canary,
  tags: { default: NEW.revision },
  defaultValidator: NEW.revision,
  namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': NEW.revision } },
  pods: [pod('a/p', NEW.revision), pod('b/p', NEW.revision)],
};

describe('where no default moves (before 1.12)', () => {
  const sides = {
    from: { revision: OLD.revision, version: '1.10.6' },
    to: { revision: NEW.revision, version: '1.11.8' },
  };
  /** All of it is on the target; the default is where it always was. */
  const through: MeshSpec = { ...promoted, tags: { default: OLD.revision }, defaultValidator: undefined };

  test.each<[string, MeshSpec, Parameters<typeof stateOf>[1], UpgradeState]>([
    ['a mesh that is through', through, record({ intent: 'promote' }), 'promoted'],
    ['without record', through, undefined, 'promoted'],
    ['a canary of all namespaces', through, record({ intent: 'canary' }), 'canary'],
    ['a canary', { ...canary, defaultValidator: undefined }, record({ intent: 'canary' }), 'canary'],
    ['half-way', { ...canary, defaultValidator: undefined }, record({ intent: 'promote' }), 'promoting'],
  ])('%s', (_, spec, known, state) => {
    expect(stateOf(mesh(spec), known, sides, NOTHING_BEFORE)).toBe(state);
  });

  test('with releases that have one, the same mesh is half-way', () => {
    expect(stateOf(mesh(through), undefined, { from: OLD, to: NEW }, NOTHING_BEFORE)).not.toBe('promoted');
  });
});

test('a workload that was broken before and got well since keeps a mesh from promoted, as long as it is on the old side', () => {
  const pods = [...(promoted.pods ?? []), pod('b/web-1', OLD.revision)];
  const state = (changes: Parameters<typeof workload>[1]): UpgradeState =>
    stateOf(
      mesh({ ...promoted, pods, workloads: [workload('b/web', changes)] }),
      record({ intent: 'promote' }),
      { from: OLD, to: NEW },
      { ...NOTHING_BEFORE, troubled: new Set(['Deployment b/web']) },
    );
  const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'm' };
  expect(state({ rollout })).toBe('promoted');
  expect(state({})).toBe('promoting');
});

describe('stateOf', () => {
  test.each<[string, MeshSpec, Parameters<typeof stateOf>[1], UpgradeState]>([
    ['a mesh before', before, undefined, 'none'],
    ['the record is there, nothing is installed yet', before, record({ intent: 'canary' }), 'canarying'],
    [
      'no control plane is left (story 42:37)',
      { ...before, planes: [] },
      record({ intent: 'canary' }),
      'none',
    ],
    [
      'both planes, nothing moved',
      { ...before, planes: [old, target] },
      record({ intent: 'canary' }),
      'canarying',
    ],
    ['a canary', canary, record({ intent: 'canary' }), 'canary'],
    ['a canary without record', canary, undefined, 'canary'],
    [
      'a namespace that was labelled by somebody else is no canary',
      { ...canary, originals: {} },
      record({ intent: 'canary' }),
      'canarying',
    ],
    [
      'a canary of which the control plane is not ready (M02)',
      { ...canary, planes: [old, { ...target, rollout: { ...target.rollout, done: false } }] },
      record({ intent: 'canary' }),
      'canarying',
    ],
    ['a promote that died', canary, record({ intent: 'promote' }), 'promoting'],
    [
      'a promote that has ended, and somebody began anew',
      canary,
      record({ intent: 'promote', endedAt: 'now' }),
      'canary',
    ],
    ['promoted', promoted, record({ intent: 'promote' }), 'promoted'],
    ['promoted without record', promoted, undefined, 'promoted'],
    [
      'the validator stayed behind (H02)',
      { ...promoted, defaultValidator: OLD.revision },
      undefined,
      'promoting',
    ],
    [
      'a Gateway that still leads to the old one',
      { ...promoted, apiGateways: { 'e/web': { label: OLD.revision } } },
      undefined,
      'promoting',
    ],
    [
      'somebody removed the target once all had moved; its tag is left (story 111001:134)',
      { ...promoted, planes: [old] },
      record({ intent: 'promote' }),
      'promoting',
    ],
    ['a removal that died', promoted, record({ intent: 'remove' }), 'removing'],
    [
      'completed',
      { ...promoted, planes: [target] },
      record({ intent: 'remove', endedAt: 'now' }),
      'completed',
    ],
    [
      'the only control plane has the name of the target and another version',
      { ...promoted, planes: [{ ...target, version: OLD.version }] },
      undefined,
      'none',
    ],
    ['a rollback that died', canary, record({ intent: 'rollback' }), 'rolling-back'],
    ['rolled back', before, record({ intent: 'rollback', endedAt: 'now' }), 'rolled-back'],
  ])('%s', (_, spec, known, expected) => {
    expect(stateOf(mesh(spec), known, { from: OLD, to: NEW }, NOTHING_BEFORE)).toBe(expected);
  });
});

const SIDES = { from: OLD, to: NEW };

describe('M02: a canary is one by its proof, not by where its labels are', () => {
  const prove = (spec: MeshSpec, sync: 'synced' | 'stale' = 'synced') =>
    proofOfCanary(
      mesh(spec),
      {
        readable: true,
        istiods: ['i'],
        proxies: [{ name: 'p', namespace: 'a', version: NEW.version, istiod: 'i', sync, detail: '' }],
      },
      SIDES,
      { record: undefined, before: NOTHING_BEFORE, accepted: nobody },
    ).kind;

  test('proved where every pod of what was moved is there and in sync; the rest of the mesh does not count', () => {
    expect(prove(canary)).toBe('proved');
  });

  test.each<[string, MeshSpec, 'synced' | 'stale']>([
    ['a pod is behind', { ...canary, pods: [pod('a/p', OLD.revision)] }, 'synced'],
    ['a proxy is stale', canary, 'stale'],
    ['a pod is not ready', { ...canary, pods: [pod('a/p', NEW.revision, { ready: false })] }, 'synced'],
    [
      'a workload has no pods, as they were refused (M04)',
      {
        ...canary,
        workloads: [
          workload('a/w', { rollout: { done: false, desired: 2, updated: 0, available: 0, message: 'm' } }),
        ],
      },
      'synced',
    ],
  ])('not where %s', (_, spec, sync) => {
    expect(prove(spec, sync)).toBe('behind');
  });

  test('nor where nobody is left who could show it: scaled to zero since canary', () => {
    expect(prove({ ...canary, pods: [] })).toBe('unseen');
  });

  test('and where istiod does not answer, nothing is claimed', () => {
    const silence = { readable: false as const, reason: 'silence' };
    expect(
      proofOfCanary(mesh(canary), silence, SIDES, {
        record: undefined,
        before: NOTHING_BEFORE,
        accepted: nobody,
      }).kind,
    ).toBe('unseen');
  });
});

describe('a run that proved its own scope', () => {
  const two: MeshSpec = {
    ...canary,
    namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': NEW.revision } },
    originals: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio.io/rev': OLD.revision } },
  };

  test('has proved the canary where nothing else was moved, and not beside another wave', () => {
    const isWhole = (namespaces: string[]): boolean =>
      isWholeCanary(mesh(two), SIDES, undefined, { namespaces, tags: [] });
    expect([isWhole(['a', 'b']), isWhole(['a'])]).toEqual([true, false]);
  });

  test('nor beside what a tag has moved, once something chooses that tag', () => {
    const tagged = (workloads: MeshSpec['workloads']): boolean =>
      isWholeCanary(
        mesh({ ...canary, tags: { default: OLD.revision, prod: NEW.revision }, workloads: workloads ?? [] }),
        SIDES,
        undefined,
        { namespaces: ['a'], tags: [] },
      );
    expect(tagged([])).toBe(true);
    expect(tagged([workload('plain/w', { pinnedRevision: 'prod' })])).toBe(false);
  });
});

describe('promise 5: what keeps a revision from being removed', () => {
  test('nothing, once all has moved', () => {
    expect(removalObstacles(mesh(promoted), OLD.revision, NEW.revision)).toEqual([]);
  });

  test.each<[string, Partial<MeshSpec>, string]>([
    ['a pod', { pods: [pod('b/p', OLD.revision)] }, 'Pod b/p'],
    ['a pod that is just ending', { pods: [pod('b/p', OLD.revision, { terminating: true })] }, 'Pod b/p'],
    ['a namespace label (T14)', { namespaces: { b: { 'istio.io/rev': OLD.revision } } }, 'Namespace b'],
    [
      'a tag (H14)',
      { tags: { default: NEW.revision, prod: OLD.revision } },
      'MutatingWebhookConfiguration istio-revision-tag-prod',
    ],
    [
      'the default tag',
      { tags: { default: OLD.revision } },
      'MutatingWebhookConfiguration istio-revision-tag-default',
    ],
    [
      'the default validator (H01)',
      { defaultValidator: OLD.revision },
      'ValidatingWebhookConfiguration istiod-default-validator',
    ],
    ['a template', { workloads: [workload('b/w', { injectedBy: [OLD.revision] })] }, 'Deployment b/w'],
    ['a Gateway that leads there', { apiGateways: { 'e/web': { label: OLD.revision } } }, 'Gateway e/web'],
    [
      'M07: a CronJob whose template alone chooses it, with no pod running',
      { makers: [maker('CronJob', { pinnedRevision: OLD.revision })] },
      'CronJob b/nightly',
    ],
    ['M07: a Rollout that follows its namespace', { makers: [maker('Rollout')] }, 'Rollout b/nightly'],
  ])('%s', (_, change, object) => {
    expect(
      removalObstacles(mesh({ ...promoted, ...change }), OLD.revision, NEW.revision).map(
        (item) => item.object,
      ),
    ).toContain(object);
  });

  test('not what ends with its namespace, or a Gateway that is being deleted: but its pods are counted (M41)', () => {
    const spec: MeshSpec = {
      ...promoted,
      namespaces: { b: { 'istio.io/rev': OLD.revision }, c: {} },
      namespaceFacts: { b: { terminating: true } },
      workloads: [workload('b/w', { injectedBy: [OLD.revision] })],
      makers: [maker('CronJob', { pinnedRevision: OLD.revision })],
      byHand: [{ kind: 'Deployment', namespace: 'b', name: 'edge', service: 'istiod-1-30-3' }],
      apiGateways: {
        'b/web': { label: OLD.revision },
        'c/web': { label: OLD.revision, terminating: true },
      },
    };
    expect(removalObstacles(mesh(spec), OLD.revision, NEW.revision)).toEqual([]);
    const pods = [pod('b/p', OLD.revision, { terminating: true }), pod('b/q', OLD.revision)];
    expect(removalObstacles(mesh({ ...spec, pods }), OLD.revision, NEW.revision)).toMatchObject(
      ['b/p', 'b/q'].map((name) => ({
        object: `Pod ${name}`,
        message: expect.stringContaining('is being deleted'),
        remedy: expect.stringMatching(/finalizers/),
      })),
    );
  });

  test.each([
    [undefined, 'its namespace chooses', `Label namespace b for ${NEW.revision}`],
    [OLD.revision, 'its template chooses', 'Change the label istio.io/rev of its template to'],
  ])('a workload is led on by who chooses for it: %s', (pinnedRevision, message, remedy) => {
    const workloads = [workload('b/w', { injectedBy: [OLD.revision], pinnedRevision })];
    expect(removalObstacles(mesh({ ...promoted, workloads }), OLD.revision, NEW.revision)).toMatchObject([
      {
        message: expect.stringContaining(message) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      },
    ]);
  });

  test('where Git keeps the label of a namespace, the remedy says so: kubectl would be undone', () => {
    const namespaces = { b: { 'istio.io/rev': OLD.revision } };
    const namespaceFacts = { b: { git: { tool: 'Argo CD', labels: ['istio.io/rev'] } } };
    const pods = [pod('b/p', OLD.revision, { injectedBy: [OLD.revision] })];
    const spec = { ...promoted, namespaces, namespaceFacts, pods };
    const remedies = removalObstacles(mesh(spec), OLD.revision, NEW.revision).map(({ remedy }) => remedy);
    expect(remedies).toEqual([
      `Set istio.io/rev=${NEW.revision} of namespace b in Git (Argo CD keeps it, and undoes kubectl label), then run the phase again.`,
      `Restart Deployment b/p once it chooses ${NEW.revision}.`,
    ]);
  });
});
