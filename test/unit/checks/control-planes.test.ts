import { expect, test } from '@jest/globals';
import { controlPlanes } from '../../../src/checks/control-planes.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, plane } from '../../support/mesh.ts';

const upgrade = { attempt: 'x', from: OLD, to: NEW, scope: { namespaces: [], tags: [] }, tags: {} };

const said = (replicas: number): string[] => {
  const rollout = { done: true, desired: replicas, updated: replicas, available: replicas, message: '' };
  const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version, { rollout })];
  return controlPlanes(checkView({ planes }, { phase: 'precheck', upgrade })).map(
    ({ id, object = '' }) => `${id} ${object}`,
  );
};

test('story 8006:14: a canary that somebody has scaled to zero is found before it is needed', () => {
  expect(said(0)).toEqual([`target-scaled-to-zero Deployment istio-system/istiod-${NEW.revision}`]);
  expect(said(1)).toEqual([]);
});
