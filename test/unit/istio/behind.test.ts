import { describe, expect, test } from '@jest/globals';
import { toReturn } from '../../../src/istio/behind.ts';
import { type MeshSpec, NEW, OLD, plane, pod, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

function isToReturn(spec: Omit<MeshSpec, 'planes'>): boolean {
  const [item] = spec.pods ?? [];
  return toReturn(view({ planes, ...spec }))(item!);
}

describe('what a rollback restarts', () => {
  test.each([
    [NEW.revision, false],
    [OLD.revision, true],
  ])('a pod on the canary whose own template chooses %s: %s', (revision, expected) => {
    const workloads = [workload('edge/ingress', { injectedBy: [revision], pinnedRevision: revision })];
    const pods = [pod('edge/ingress-1', NEW.revision)];
    expect(isToReturn({ namespaces: { edge: {} }, workloads, pods })).toBe(expected);
  });

  const bare = (injectedBy: readonly string[], restartedFor: string | undefined): boolean =>
    isToReturn({
      namespaces: { a: { 'istio.io/rev': OLD.revision } },
      workloads: [workload('a/w', { injectedBy, restartedFor })],
      pods: [{ ...pod('a/w-1', undefined), injectedBy, owner: { kind: 'Deployment', name: 'w' } }],
    });

  test.each([
    ['that this upgrade restarted', [OLD.revision], 'old@1.30.3#x', true],
    ['that this upgrade restarted twice', [OLD.revision], 'old@1.30.3#x.2', true],
    ['that another one restarted', [OLD.revision], 'old@1.30.3#y', false],
    ['that nobody restarted', [OLD.revision], undefined, false],
    ['that the canary still injects', [NEW.revision], 'new@1.31.0#x', false],
  ])('T14: a pod without a sidecar %s', (_, injectedBy, restartedFor, expected) => {
    expect(bare(injectedBy, restartedFor)).toBe(expected);
  });
});
