import { expect, test } from '@jest/globals';
import { returning } from '../../../src/checks/returning.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { beforeOf } from '../../../src/decide/before-of.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import type { Upgrade } from '../../../src/decide/upgrade.ts';
import { unreachedInPlace } from '../../../src/istio/goal-in-place.ts';
import { stateInPlace } from '../../../src/istio/state-in-place.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { mesh, plane, pod, workload } from '../../support/mesh.ts';

const R = 'default';
const upgrade = {
  from: { revision: R, version: '1.31.0' },
  to: { revision: R, version: '1.30.3' },
  attempt: 'down',
} as Upgrade;
const record = { attempt: 'down', intent: 'rollback', begunAt: '2026-11-30T08:00:00.500Z' } as UpgradeRecord;
const old = (name: string, more: object) => pod(name, R, { version: '1.30.3', ...more });

test('story 140001:27: in place, a way back leaves what stood on the version before, and takes back what came', () => {
  const seen = mesh({
    planes: [plane(R, '1.31.0')],
    tags: { default: R },
    defaultValidator: R,
    namespaces: { a: { 'istio-injection': 'enabled' } },
    workloads: [workload('a/web'), workload('a/paused', { paused: true })],
    pods: [
      old('a/stood', { owner: undefined, createdAt: '2026-11-30T07:00:00Z' }),
      old('a/came', { owner: undefined, createdAt: '2026-11-30T08:00:01Z' }),
      old('a/unknown', { owner: undefined }),
      old('a/paused-1', { owner: { kind: 'Deployment', name: 'paused' }, createdAt: '2026-11-30T07:00:00Z' }),
      // A restart moves it, so it is to be moved whenever it was made.
      old('a/web-1', { owner: { kind: 'Deployment', name: 'web' }, createdAt: '2026-11-30T07:00:00Z' }),
    ],
  });
  const facts = {
    mesh: seen,
    inputs: { phase: 'rollback' },
    declined: new Set(),
    status: {},
  } as unknown as Facts;
  const before = beforeOf(facts, upgrade, record);
  expect([...before.standing]).toEqual(['Pod a/stood', 'Pod a/paused-1']);
  const view = { mesh: seen, before, upgrade } as CheckView;
  expect(returning(view).map(({ object }) => object)).toEqual(['Pod a/came', 'Pod a/unknown']);
  const left = unreachedInPlace(seen, 'rollback', upgrade, before).map(({ object }) => object);
  expect(left).toEqual(['Pod a/came', 'Pod a/unknown', 'Pod a/web-1']);

  const alone = { ...seen, pods: seen.pods.slice(0, 1) };
  const ended = { ...record, endedAt: '2026-11-30T08:10:00Z' };
  expect(stateInPlace(alone, ended, upgrade, before)).toBe('rolled-back');
  expect(stateInPlace(seen, ended, upgrade, before)).not.toBe('rolled-back');
  expect([...beforeOf(facts, upgrade, undefined).standing]).toEqual([]);
});
