import { describe, expect, test } from '@jest/globals';
import { unreachedInPlace } from '../../../src/istio/goal-in-place.ts';
import { type Sides, isBehind, onSide } from '../../../src/istio/side.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { stateOf } from '../../../src/istio/state.ts';
import { type MeshSpec, mesh, plane, pod, workload } from '../../support/mesh.ts';

const R = 'default';
const A = { revision: R, version: '1.30.3' };
const B = { revision: R, version: '1.31.0' };
const UP: Sides = { from: A, to: B };
const DOWN: Sides = { from: B, to: A };
const at = (name: string, version: string | undefined, more: object = {}) =>
  pod(name, R, { version, ...more });
const spec = (version: string, pods: MeshSpec['pods'], more: Partial<MeshSpec> = {}): MeshSpec => ({
  planes: [plane(R, version)],
  tags: { default: R },
  defaultValidator: R,
  namespaces: { a: { 'istio-injection': 'enabled' }, b: { 'istio-injection': 'enabled' } },
  pods: pods ?? [],
  ...more,
});
type Remembered = Parameters<typeof stateOf>[1];
/** A record of attempt `x`, to the release that is told. */
const remembered = (what: object | undefined, to: Sides['to']): Remembered =>
  what === undefined ? undefined : ({ attempt: 'x', to, ...what } as Remembered);
const mark = (release: string) => ({ workloads: [workload('a/w', { restartedFor: `${R}@${release}#x` })] });

describe('which side a proxy is of', () => {
  test('in place the version tells, and what tells none is never on the target', () => {
    const pods = [at('a/p', '1.31.0'), at('a/q', '1.30.3'), at('a/r', '1.29.0'), at('a/s', undefined)];
    expect(pods.map(onSide(UP, 'to'))).toEqual([true, false, false, false]);
    expect(pods.map(onSide(UP, 'from'))).toEqual([false, true, true, true]);
    expect(pods.map(isBehind(UP))).toEqual([false, true, true, true]);
  });

  test('beside each other the revision alone tells', () => {
    const sides = { from: { ...A, revision: 'x' }, to: B };
    expect(onSide(sides, 'to')(at('a/p', '1.30.3'))).toBe(true);
  });
});

const OLD_PODS = [at('a/w', '1.30.3'), at('b/w', '1.30.3')];
const HALF = [at('a/w', '1.31.0'), at('b/w', '1.30.3')];
const NEW_PODS = [at('a/w', '1.31.0'), at('b/w', '1.31.0')];

describe('issue 14: the state of an upgrade in place is read off the cluster', () => {
  test.each<[what: string, seen: MeshSpec, sides: Sides, record: object | undefined, state: string]>([
    ['nothing was done', spec('1.30.3', OLD_PODS), UP, undefined, 'none'],
    ['it died before istiod', spec('1.30.3', OLD_PODS), UP, { intent: 'canary' }, 'canarying'],
    ['istiod alone is there', spec('1.31.0', OLD_PODS), UP, undefined, 'canarying'],
    ['the canary is there', spec('1.31.0', HALF, mark('1.31.0')), UP, undefined, 'canary'],
    ['a namespace is whole by chance', spec('1.31.0', HALF), UP, undefined, 'canary'],
    [
      'a namespace is half there',
      spec('1.31.0', [...HALF, at('a/v', '1.30.3')], mark('1.31.0')),
      UP,
      undefined,
      'canarying',
    ],
    [
      'istiod does not serve',
      spec('1.31.0', HALF, { planes: [plane(R, '1.31.0', { service: false })] }),
      UP,
      undefined,
      'canarying',
    ],
    ['the rest is on its way', spec('1.31.0', HALF, mark('1.31.0')), UP, { intent: 'promote' }, 'promoting'],
    ['all is there', spec('1.31.0', NEW_PODS), UP, undefined, 'completed'],
    ['it goes back', spec('1.31.0', NEW_PODS), UP, { intent: 'rollback' }, 'rolling-back'],
    ['it went back', spec('1.30.3', OLD_PODS), UP, { intent: 'rollback', endedAt: 'then' }, 'rolled-back'],
    ['down: nothing was done', spec('1.31.0', NEW_PODS), DOWN, undefined, 'none'],
    [
      'down: the canary is there',
      spec('1.31.0', [at('a/w', '1.30.3'), at('b/w', '1.31.0')], mark('1.30.3')),
      DOWN,
      undefined,
      'canary',
    ],
    [
      'down: all proxies are there, istiod is not',
      spec('1.31.0', OLD_PODS),
      DOWN,
      { intent: 'promote' },
      'promoting',
    ],
    ['down: istiod went before a proxy', spec('1.30.3', HALF), DOWN, undefined, 'promoting'],
    ['down: all is there', spec('1.30.3', OLD_PODS), DOWN, undefined, 'completed'],
  ])('%s', (_, seen, sides, record, state) => {
    expect(stateOf(mesh(seen), remembered(record, sides.to), sides, NOTHING_BEFORE)).toBe(state);
  });

  test.each([{ intent: 'canary' }, undefined])(
    'M21: what is behind in the canary was broken before, by the record %j',
    (record) => {
      const seen = spec('1.31.0', [...HALF, at('a/v', '1.30.3')], mark('1.31.0'));
      const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/v']) };
      expect(stateOf(mesh(seen), remembered(record, B), UP, before)).toBe('canary');
    },
  );

  test('pods that stay by leave or were broken before hold nothing up', () => {
    const stays = spec('1.31.0', [...NEW_PODS, at('b/s', '1.30.3', { accepted: true })]);
    expect(stateOf(mesh(stays), undefined, UP, NOTHING_BEFORE)).toBe('completed');
    expect(
      stateOf(mesh(spec('1.31.0', [...NEW_PODS, at('b/s', '1.30.3')])), undefined, UP, NOTHING_BEFORE),
    ).not.toBe('completed');
  });

  test('down and back: what may stay is of the target, and moved nothing', () => {
    const back = remembered({ intent: 'rollback', endedAt: 'then' }, A);
    const seen = spec('1.31.0', [...NEW_PODS, at('d/s', '1.30.3', { accepted: true })]);
    expect(stateOf(mesh(seen), back, DOWN, NOTHING_BEFORE)).toBe('rolled-back');
    expect(
      stateOf(mesh(spec('1.31.0', [...NEW_PODS, at('d/s', '1.30.3')])), back, DOWN, NOTHING_BEFORE),
    ).toBe('canary');
  });

  test('back is back, whatever an earlier upgrade to the same release has marked', () => {
    const record = remembered({ intent: 'rollback', endedAt: 'then' }, A);
    expect(stateOf(mesh(spec('1.31.0', NEW_PODS, mark('1.30.3'))), record, DOWN, NOTHING_BEFORE)).toBe(
      'rolled-back',
    );
  });

  test.each<[what: string, canary: readonly string[], seen: MeshSpec, state: string]>([
    ['another namespace is whole by chance', ['b'], spec('1.31.0', HALF), 'canarying'],
    ['one of two is', ['a', 'b'], spec('1.31.0', HALF, mark('1.31.0')), 'canarying'],
    ['its own is', ['a'], spec('1.31.0', HALF), 'canary'],
    ['its own has no pod by now, nor another one', ['c'], spec('1.31.0', HALF), 'canarying'],
  ])('a canary that is under way is one of its own namespaces: %s', (_, canary, seen, state) => {
    const open = remembered({ intent: 'canary', canary }, B);
    expect(stateOf(mesh(seen), open, UP, NOTHING_BEFORE)).toBe(state);
  });

  const stale = (sides: Sides, pods: MeshSpec['pods'], version: string) =>
    spec(version, [...(pods ?? []), at('c/w', sides.from.version)], {
      workloads: [
        workload('a/w', { restartedFor: `${R}@${sides.to.version}#x` }),
        workload('c/w', { restartedFor: `${R}@${sides.to.version}#earlier` }),
      ],
    });

  test.each([{ intent: 'canary', canary: ['a'] }, undefined])(
    'what an earlier attempt has restarted, and is back, holds no canary up, by the record %j',
    (record) => {
      const up = mesh(stale(UP, HALF, '1.31.0'));
      expect(stateOf(up, remembered(record, B), UP, NOTHING_BEFORE)).toBe('canary');
      const down = mesh(stale(DOWN, [at('a/w', '1.30.3')], '1.31.0'));
      expect(stateOf(down, remembered(record, A), DOWN, NOTHING_BEFORE)).toBe('canary');
    },
  );

  test('in its own namespaces a canary finds in its place what an attempt has moved whose record is lost', () => {
    const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'm' };
    const seen = spec('1.31.0', [...NEW_PODS, at('a/broken', '1.30.3')], {
      workloads: [workload('a/w', { restartedFor: `${R}@1.31.0#lost` }), workload('a/broken', { rollout })],
    });
    const open = remembered({ intent: 'canary', canary: ['a'], attempt: 'anew' }, B);
    const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/broken']) };
    // What is left is broken, and whatever else is whole says nothing.
    const elsewhere = mesh({ ...seen, pods: [...(seen.pods ?? []), at('c/w', '1.30.3')] });
    expect(stateOf(elsewhere, open, UP, before)).toBe('canary');
  });

  test('nor does it begin a way down', () => {
    const seen = mesh(spec('1.31.0', NEW_PODS, mark('1.30.3')));
    expect(stateOf(seen, undefined, DOWN, NOTHING_BEFORE)).toBe('none');
  });

  test('what this attempt has restarted counts while none of its new pods is there', () => {
    const seen = mesh(spec('1.31.0', [at('a/w', '1.30.3'), at('b/w', '1.31.0')], mark('1.31.0')));
    const open = remembered({ intent: 'canary', canary: ['b'] }, B);
    expect(stateOf(seen, open, UP, NOTHING_BEFORE)).toBe('canarying');
  });

  test.each<[what: string, record: object | undefined, state: string]>([
    ['of this upgrade', { intent: 'promote', endedAt: 'then' }, 'promoting'],
    ['of another one', { intent: 'promote', endedAt: 'then', to: { ...B, version: '1.30.9' } }, 'canary'],
    ['of a canary', { intent: 'canary', endedAt: 'then' }, 'canary'],
  ])('where promote had ended, promote goes on with what is behind: a record %s', (_, record, state) => {
    expect(stateOf(mesh(spec('1.31.0', HALF)), remembered(record, B), UP, NOTHING_BEFORE)).toBe(state);
    expect(stateOf(mesh(spec('1.30.3', OLD_PODS)), remembered(record, B), UP, NOTHING_BEFORE)).toBe('none');
  });

  test.each(['canary', 'promote', 'rollback'] as const)(
    'a record of another upgrade, whose end (of %s) was not written, says nothing of this one',
    (intent) => {
      const other = remembered({ intent }, { ...B, version: '1.30.3' });
      expect(stateOf(mesh(spec('1.30.3', OLD_PODS)), other, UP, NOTHING_BEFORE)).toBe('none');
    },
  );

  test("a gateway in Istio's own namespace is no canary", () => {
    const seen = spec('1.31.0', [...OLD_PODS, at('istio-system/edge', '1.31.0')]);
    expect(stateOf(mesh(seen), undefined, UP, NOTHING_BEFORE)).toBe('canarying');
  });
});

describe('promise 15: the goal of a phase in place', () => {
  const lacks = (phase: 'canary' | 'promote' | 'rollback', version: string, sides: Sides, pods = NEW_PODS) =>
    unreachedInPlace(mesh(spec(version, pods)), phase, sides, NOTHING_BEFORE).map(({ object }) => object);

  test('canary and promote leave the target, on the way down canary leaves what was there', () => {
    expect(lacks('canary', '1.31.0', UP)).toEqual([]);
    expect(lacks('canary', '1.30.3', UP)).toEqual(['control plane default']);
    expect(lacks('canary', '1.31.0', DOWN)).toEqual([]);
    expect(lacks('promote', '1.31.0', DOWN)).toEqual(['control plane default']);
  });

  test('rollback leaves no proxy of the target', () => {
    expect(lacks('rollback', '1.30.3', UP, OLD_PODS)).toEqual([]);
    expect(lacks('rollback', '1.30.3', UP, HALF)).toEqual(['Pod a/w']);
  });

  test('the default validator must be its own', () => {
    const none = mesh({ ...spec('1.31.0', NEW_PODS), defaultValidator: undefined });
    expect(unreachedInPlace(none, 'promote', UP, NOTHING_BEFORE).map(({ object }) => object)).toEqual([
      'default validator',
    ]);
  });

  test('the default must lead there', () => {
    const elsewhere = mesh({ ...spec('1.31.0', NEW_PODS), tags: {} });
    expect(unreachedInPlace(elsewhere, 'promote', UP, NOTHING_BEFORE).map(({ object }) => object)).toContain(
      'default tag',
    );
  });
});
