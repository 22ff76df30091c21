import { expect, test } from '@jest/globals';
import { removalStragglers } from '../../../src/checks/removal-stragglers.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, pod } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [],
  pods: [
    pod('a/stays', OLD.revision, { accepted: true }),
    pod('a/goes', OLD.revision, { accepted: true, terminating: true }),
    pod('a/moved', NEW.revision, { accepted: true }),
    pod('a/waited-for', OLD.revision),
  ],
};

test('a pod that may stay behind holds the removal of what it is on', () => {
  const told = removalStragglers(checkView(spec, { removal: { removeOld: true, removeOldAfterMs: 0 } }));
  expect(told).toMatchObject([{ id: 'straggler-holds-removal', severity: 'error', object: 'Pod a/stays' }]);
  expect(removalStragglers(checkView(spec))).toEqual([]);
});
