import { expect, test } from '@jest/globals';
import { returning } from '../../../src/checks/returning.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, pod, workload } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [],
  namespaces: { a: {} },
  pods: [
    pod('a/debug', NEW.revision, { owner: undefined }),
    pod('a/held-0', NEW.revision, { owner: { kind: 'StatefulSet', name: 'held' } }),
    pod('a/once-1', NEW.revision, { owner: { kind: 'Job', name: 'once' } }),
    pod('a/before', OLD.revision, { owner: undefined }),
  ],
  workloads: [workload('a/held', { kind: 'StatefulSet', onDelete: true })],
};

test('what no rollback takes back is told and stops nothing; to let it stay is no way out', () => {
  const told = returning(checkView(spec, { phase: 'rollback' }));
  expect(told.map(({ id, severity, object }) => [id, severity, object])).toEqual([
    ['workload-will-not-move', 'warning', 'StatefulSet a/held'],
    ['pod-will-not-move', 'warning', 'Pod a/debug'],
    ['pod-will-not-move', 'warning', 'Pod a/once-1'],
  ]);
  expect(told.map(({ remedy }) => remedy).join()).not.toContain('allow-stragglers');
});

test('a template that chooses the target by itself is told before its owner is waited for', () => {
  const pinned = workload('a/chooser', { pinnedRevision: NEW.revision, injectedBy: [NEW.revision] });
  expect(
    returning(checkView({ planes: [], namespaces: { a: {} }, workloads: [pinned] }, { phase: 'rollback' })),
  ).toMatchObject([{ id: 'template-pins-revision', severity: 'warning', object: 'Deployment a/chooser' }]);
});
