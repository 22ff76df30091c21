import { describe, expect, test } from '@jest/globals';
import type { OwnedObject } from '../../../src/istio/mesh.ts';
import { destinationFlaw, noWayBack } from '../../../src/istio/way-back.ts';
import { OLD, mesh, plane } from '../../support/mesh.ts';

function owned(name: string, changes: Partial<OwnedObject> = {}): OwnedObject {
  return {
    kind: 'ConfigMap',
    namespace: 'istio-system',
    name,
    uid: name,
    revision: OLD.revision,
    terminating: false,
    content: undefined,
    ...changes,
  };
}

describe('noWayBack', () => {
  const old = plane(OLD.revision, OLD.version);
  const all = ['ConfigMap istio-system/istio', 'ConfigMap istio-system/values'];
  const whole = [owned('istio'), owned('values')];

  test('a whole control plane is a way back, whether its removal was about to begin or not', () => {
    const spec = { planes: [old], owned: whole };
    expect(noWayBack(mesh(spec), OLD.revision, undefined)).toBeUndefined();
    expect(noWayBack(mesh(spec), OLD.revision, all)).toBeUndefined();
  });

  test.each([
    ['gone', { planes: [] }, undefined, 'not there any more'],
    ['without Service', { planes: [{ ...old, service: false }] }, undefined, 'Service istio-system/istiod'],
    ['without injector', { planes: [{ ...old, injector: undefined }] }, undefined, 'its injector webhook'],
    ['an object is gone', { planes: [old], owned: [owned('istio')] }, all, 'ConfigMap istio-system/values'],
    [
      'an object is just going',
      { planes: [old], owned: [owned('istio', { terminating: true }), owned('values')] },
      all,
      'ConfigMap istio-system/istio',
    ],
  ])('%s: past the point of no return', (_, spec, removing, why) => {
    expect(noWayBack(mesh(spec), OLD.revision, removing)).toContain(why);
  });
});

describe('destinationFlaw: M10, whether the old control plane can take the workloads back', () => {
  test.each([
    ['gone', [], 'is not there'],
    [
      'scaled to zero',
      [
        plane(OLD.revision, OLD.version, {
          rollout: { done: true, desired: 0, updated: 0, available: 0, message: '' },
        }),
      ],
      'is scaled to zero',
    ],
    [
      'not ready',
      [
        plane(OLD.revision, OLD.version, {
          rollout: { done: false, desired: 1, updated: 0, available: 0, message: 'm' },
        }),
      ],
      'is not ready: m',
    ],
    ['without a Service', [plane(OLD.revision, OLD.version, { service: false })], 'has no Service'],
    [
      'without an injector',
      [plane(OLD.revision, OLD.version, { injector: undefined })],
      'has no injector webhook',
    ],
  ])('%s: it can not', (_, planes, why) => {
    expect(destinationFlaw(mesh({ planes }), OLD.revision)).toBe(why);
  });

  test.each([
    ['a replica that is pending', { done: false, desired: 5, updated: 3, available: 3, message: '3 of 5' }],
    ['a rollout that goes on', { done: false, desired: 1, updated: 0, available: 1, message: '0 of 1' }],
  ])('some serve, beside %s: it can', (_, rollout) => {
    const planes = [plane(OLD.revision, OLD.version, { rollout })];
    expect(destinationFlaw(mesh({ planes }), OLD.revision)).toBeUndefined();
    const bare = mesh({ planes: planes.map((item) => ({ ...item, service: false })) });
    expect(destinationFlaw(bare, OLD.revision)).toBe('has no Service');
  });

  test('none is wanted, and some are not gone yet: it can not', () => {
    const rollout = { done: false, desired: 0, updated: 1, available: 1, message: '1 old' };
    const planes = [plane(OLD.revision, OLD.version, { rollout })];
    expect(destinationFlaw(mesh({ planes }), OLD.revision)).toBe('is scaled to zero');
  });

  test('whole and ready: it can', () => {
    expect(
      destinationFlaw(mesh({ planes: [plane(OLD.revision, OLD.version)] }), OLD.revision),
    ).toBeUndefined();
  });
});
