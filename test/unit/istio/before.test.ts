import { expect, test } from '@jest/globals';
import { type Doing, KEPT, isOurs, troubledBefore } from '../../../src/istio/before.ts';
import { mesh, workload } from '../../support/mesh.ts';

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
  expect([...troubledBefore(seen, { attempt: 'now' }, ['Deployment a/known'])]).toEqual([
    'Deployment a/known',
    'Deployment a/broken',
    'Deployment a/earlier',
  ]);
});

test('so many are kept in the record, and no more', () => {
  const workloads = Array.from({ length: KEPT + 5 }, (_, index) =>
    workload(`a/w${String(index)}`, { rollout }),
  );
  expect(troubledBefore(mesh({ planes: [], workloads }), { attempt: 'now' }, []).size).toBe(KEPT);
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
