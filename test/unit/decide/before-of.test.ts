import { describe, expect, test } from '@jest/globals';
import { returning } from '../../../src/checks/returning.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { beforeOf } from '../../../src/decide/before-of.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import type { Upgrade } from '../../../src/decide/upgrade.ts';
import { unreachedInPlace } from '../../../src/istio/goal-in-place.ts';
import { stateInPlace } from '../../../src/istio/state-in-place.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { type MeshSpec, mesh, plane, pod, workload } from '../../support/mesh.ts';

const R = 'default';
const newer = { revision: R, version: '1.31.0' };
const older = { revision: R, version: '1.30.3' };
const down = { from: newer, to: older, attempt: 'down' } as Upgrade;
const record = (more: Partial<UpgradeRecord>) =>
  ({ attempt: 'down', to: older, intent: 'rollback', ...more }) as UpgradeRecord;
const old = (name: string, more: object = {}) =>
  pod(name, R, { version: '1.30.3', owner: undefined, uid: `uid of ${name}`, ...more });
const spec = {
  planes: [plane(R, '1.31.0')],
  tags: { default: R },
  defaultValidator: R,
  namespaces: { a: { 'istio-injection': 'enabled' } },
  workloads: [workload('a/web'), workload('a/paused', { paused: true })],
};
const web = old('a/web-1', { owner: { kind: 'Deployment', name: 'web' } });
const paused = old('a/paused-1', { owner: { kind: 'Deployment', name: 'paused' } });

/** The names of the pods that stood, as a phase decides it. */
function standing(
  phase: string,
  pods: ReturnType<typeof pod>[],
  known: UpgradeRecord | undefined,
  sides = down,
  seen: MeshSpec = spec,
): string[] {
  const facts = { mesh: mesh({ ...seen, pods }), inputs: { phase }, declined: new Set(), status: {} };
  const { standing: uids } = beforeOf(facts as unknown as Facts, sides, known);
  return [...uids].map((uid) => uid.replace('uid of ', ''));
}

describe('what stood on the version before a downgrade in place', () => {
  const open = record({ stood: ['uid of a/stood', 'uid of a/gone', 'uid of a/web-1'] });

  test('canary finds it as it begins, also by leave', () => {
    expect(standing('canary', [old('a/stood', { accepted: true }), paused], undefined)).toEqual([
      'a/stood',
      'a/paused-1',
    ]);
    expect(standing('canary', [old('a/stood')], record({ endedAt: 'then', stood: [] }))).toEqual(['a/stood']);
  });

  test('a broken workload that the upgrade had left behind tells of no earlier run', () => {
    const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };
    const broken = { ...spec, workloads: [workload('a/web', { rollout })] };
    expect(standing('canary', [old('a/stood'), web], undefined, down, broken)).toEqual(['a/stood']);
  });

  test('what came since is none of it, whoever asks', () => {
    const pods = [old('a/stood'), old('a/came'), web, paused];
    for (const phase of ['canary', 'promote', 'rollback']) {
      expect(standing(phase, pods, open)).toEqual(['a/stood']);
      expect(standing(phase, pods, record({}))).toEqual([]);
    }
    expect(standing('rollback', pods, record({ ...open, endedAt: 'then' }))).toEqual(['a/stood']);
  });

  test('nobody knows it where the record is lost', () => {
    expect(standing('rollback', [old('a/stood')], undefined)).toEqual([]);
    expect(standing('canary', [old('a/stood'), web], undefined)).toEqual([]);
  });

  test('on the way up nothing does: it would be newer than its istiod', () => {
    const up = { from: older, to: newer, attempt: 'up' } as Upgrade;
    const pods = [{ ...old('a/stood'), version: '1.31.0' }];
    for (const phase of ['canary', 'rollback'])
      expect(standing(phase, pods, record({ ...open, attempt: 'up' }), up)).toEqual([]);
  });
});

test('story 140001:27: a way back leaves what stood, and takes back what came', () => {
  const seen = mesh({
    ...spec,
    pods: [old('a/stood'), old('a/came'), old('a/unknown', { uid: undefined }), web],
  });
  const known = record({ stood: ['uid of a/stood'] });
  const facts = { mesh: seen, inputs: { phase: 'rollback' }, declined: new Set(), status: {} };
  const before = beforeOf(facts as unknown as Facts, down, known);
  const view = { mesh: seen, before, upgrade: down } as CheckView;
  expect(returning(view).map(({ object }) => object)).toEqual(['Pod a/came', 'Pod a/unknown']);
  const left = unreachedInPlace(seen, 'rollback', down, before).map(({ object }) => object);
  expect(left).toEqual(['Pod a/came', 'Pod a/unknown', 'Pod a/web-1']);

  const alone = { ...seen, pods: seen.pods.slice(0, 1) };
  const ended = { ...known, endedAt: '2026-11-30T08:10:00Z' };
  expect(stateInPlace(alone, ended, down, before)).toBe('rolled-back');
  expect(stateInPlace(seen, ended, down, before)).not.toBe('rolled-back');
});

test('an upgrade that had ended answers for nothing that broke since, also where promote goes on under its name', () => {
  const up = { from: older, to: newer, attempt: 'ended' } as Upgrade;
  const broken = workload('a/web', {
    restartedFor: `${R}@1.31.0#ended`,
    rollout: { done: false, desired: 1, updated: 1, available: 0, message: 'no image' },
  });
  const seen = mesh({ ...spec, workloads: [broken], pods: [{ ...web, version: '1.31.0' }] });
  const facts = {
    mesh: seen,
    inputs: { phase: 'promote' },
    declined: new Set(),
    status: {},
    freshAttempt: 'new',
  };
  const troubled = (more: Partial<UpgradeRecord>) => [
    ...beforeOf(
      facts as unknown as Facts,
      up,
      record({
        attempt: 'ended',
        to: newer,
        intent: 'promote',
        begunAt: '2026-01-01T00:00:00.000Z',
        ...more,
      }),
    ).troubled,
  ];
  expect(troubled({ endedAt: '2026-01-02T00:00:00.000Z' })).toEqual(['Deployment a/web']);
  expect(troubled({})).toEqual([]);
});
