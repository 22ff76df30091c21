import { describe, expect, test } from '@jest/globals';
import { destination } from '../../../src/checks/destination.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const spec: MeshSpec = { planes: [old, target], tags: { default: NEW.revision } };

function found(changes: Partial<MeshSpec>) {
  return destination(checkView({ ...spec, ...changes }, { phase: 'rollback' }));
}

describe('before a rollback writes anything', () => {
  test('a way back that is whole is no finding', () => {
    expect(found({})).toEqual([]);
  });

  test.each([
    [
      'scaled to zero',
      { ...old, rollout: { done: true, desired: 0, updated: 0, available: 0, message: '' } },
    ],
    ['not ready', { ...old, rollout: { done: false, desired: 1, updated: 0, available: 0, message: 'm' } }],
    ['without its Service', { ...old, service: false }],
    ['without its injector', { ...old, injector: undefined }],
  ])('M10: it is refused where the old control plane is %s', (_, broken) => {
    expect(found({ planes: [broken, target] })).toMatchObject([
      { id: 'rollback-destination-not-ready', severity: 'error', object: `control plane ${OLD.revision}` },
    ]);
  });

  test('a replica that is pending stops nothing, and is told once', () => {
    const rollout = { done: false, desired: 5, updated: 3, available: 3, message: '3 of 5 replicas are new' };
    expect(found({ planes: [{ ...old, rollout }, target] })).toMatchObject([
      {
        id: 'rollback-destination-not-ready',
        severity: 'warning',
        object: `control plane ${OLD.revision}`,
        message: expect.stringContaining('3 of 5 replicas are new'),
      },
    ]);
    expect(found({ planes: [{ ...old, rollout }], tags: {} })).toEqual([]);
  });

  test('M40: what it will not bring back is told, by name, with the command that helps, and stops nothing', () => {
    const namespaces = {
      hand: { 'istio.io/rev': NEW.revision },
      moved: { 'istio.io/rev': NEW.revision },
      follower: { 'istio-injection': 'enabled' },
    };
    const originals = { moved: { 'istio-injection': null, 'istio.io/rev': OLD.revision } };
    expect(found({ namespaces, originals })).toMatchObject([
      {
        id: 'namespace-stays-on-target',
        severity: 'warning',
        object: 'Namespace hand',
        remedy: expect.stringContaining(
          `kubectl label namespace hand istio.io/rev=${OLD.revision} --overwrite`,
        ),
      },
    ]);
  });

  test('M28: where Git keeps its label, the remedy says so', () => {
    const namespaces = { hand: { 'istio.io/rev': NEW.revision } };
    const namespaceFacts = { hand: { git: { tool: 'Argo CD', labels: ['istio.io/rev'] } } };
    expect(found({ namespaces, namespaceFacts })).toMatchObject([
      {
        id: 'namespace-stays-on-target',
        remedy: expect.stringMatching(/^Set istio.io.rev=1-30-3 of namespace hand in Git .Argo CD/),
      },
    ]);
  });

  test('where nothing of the canary is left there is nothing to ask', () => {
    expect(found({ planes: [{ ...old, service: false }], tags: {} })).toEqual([]);
  });
});
