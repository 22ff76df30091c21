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

test.each([
  ['its injector is gone', { injector: undefined }],
  ['its Service is gone', { service: false }],
  [
    'its pods are going',
    { rollout: { done: false, desired: 1, updated: 0, available: 0, message: '0 of 1' } },
  ],
])('an old control plane that is being removed is no way back any more: %s', (_, changes) => {
  const planes = [plane(OLD.revision, OLD.version, changes), plane(NEW.revision, NEW.version)];
  const found = (state: 'removing' | 'promoted') =>
    controlPlanes(checkView({ planes }, { phase: 'promote', state, upgrade })).map(({ id }) => id);
  expect(found('removing')).toEqual([]);
  expect(found('promoted')).toHaveLength(1);
});
