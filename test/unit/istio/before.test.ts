import { expect, test } from '@jest/globals';
import { type Doing, KEPT, isOurs, stillTroubled, troubledBefore } from '../../../src/istio/before.ts';
import { mesh, pod, workload } from '../../support/mesh.ts';

const there = ({ revision }: { readonly revision: string | undefined }): boolean => revision === 'target';
const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };

test('M21: broken and not restarted in this attempt: it was so before', () => {
  const seen = mesh({
    planes: [],
    workloads: [
      workload('a/broken', { rollout }),
      workload('a/ours', { rollout, restartedFor: 'r@v#now' }),
      workload('a/again', { rollout, restartedFor: 'r@v#now.2' }),
      workload('a/earlier', { rollout, restartedFor: 'r@v#then' }),
      workload('a/fine'),
      workload('a/web-istio', { rollout, gateway: 'gateway-api', ofGateway: true }),
    ],
  });
  expect([...troubledBefore(seen, { attempt: 'now' }, there, ['Deployment a/known'])]).toEqual([
    'Deployment a/known',
    'Deployment a/broken',
    'Deployment a/earlier',
  ]);
});

test('who was broken before, got well and was restarted by this attempt, has no excuse for what is wrong with it now', () => {
  const workloads = [workload('a/web', { rollout, restartedFor: 'r@v#now' })];
  const found = troubledBefore(mesh({ planes: [], workloads }), { attempt: 'now' }, there, [
    'Deployment a/web',
  ]);
  expect([...found]).toEqual([]);
});

test('so many are kept in the record, and no more', () => {
  const workloads = Array.from({ length: KEPT + 5 }, (_, index) =>
    workload(`a/w${String(index)}`, { rollout }),
  );
  expect(troubledBefore(mesh({ planes: [], workloads }), { attempt: 'now' }, there, []).size).toBe(KEPT);
});

test('a workload without the mark of a restart is nobody of ours', () => {
  const marked = (restartedFor: string | undefined, doing: Doing = { attempt: 'now' }): boolean =>
    isOurs({ restartedFor, injectedBy: ['r'] }, doing);
  expect(marked(undefined)).toBe(false);
  expect(marked('r@v#now')).toBe(true);
  expect(marked('r@v#nowhere')).toBe(false);
  const forgotten = { revision: 'r', version: 'v' };
  expect(marked('r@v#nowhere', { attempt: 'now', forgotten })).toBe(true);
  expect(marked('q@v#nowhere', { attempt: 'now', forgotten })).toBe(false);
  expect(isOurs({ restartedFor: 'r@v#nowhere', injectedBy: ['q'] }, { attempt: 'now', forgotten })).toBe(
    false,
  );
});

test('who got well since it was found broken has no excuse any more', () => {
  const workloads = [workload('a/well'), workload('a/broken', { rollout })];
  const known = ['Deployment a/well', 'Deployment a/broken', 'Deployment a/gone'];
  expect(stillTroubled({ workloads }, known)).toEqual(['Deployment a/broken', 'Deployment a/gone']);
});

test('what is on the target and older than the upgrade was moved by it, also where kubectl rollout undo took the mark off', () => {
  const made = (name: string, createdAt: string) => workload(`a/${name}`, { rollout, createdAt });
  const owned = (name: string, revision: string) =>
    pod(`a/${name}-1`, revision, { owner: { kind: 'Deployment', name } });
  const seen = mesh({
    planes: [],
    workloads: [
      made('old', '2026-11-01T00:00:00Z'),
      made('new', '2026-11-03T00:00:00Z'),
      made('stayed', '2026-11-01T00:00:00Z'),
    ],
    pods: [owned('old', 'target'), owned('new', 'target'), owned('stayed', 'before')],
  });
  const troubled = (begunAt?: string) => [...troubledBefore(seen, { attempt: 'now', begunAt }, there, [])];
  expect(troubled('2026-11-02T00:00:00.000Z')).toEqual(['Deployment a/new', 'Deployment a/stayed']);
  expect(troubled()).toHaveLength(3);
});
