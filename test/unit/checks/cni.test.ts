import { describe, expect, test } from '@jest/globals';
import { cni } from '../../../src/checks/cni.ts';
import type { SharedComponent } from '../../../src/istio/shared-component.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, plane, shared } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

function found(component: Partial<SharedComponent>, removeOld = false): string[] {
  const view = checkView(
    { planes, shared: [shared(component)] },
    { removal: { removeOld, removeOldAfterMs: 0 } },
  );
  return cni(view).map(({ severity, id }) => `${severity} ${id}`);
}

describe('Istio CNI serves both control planes', () => {
  test.each<[string, string | undefined, string]>([
    ['of the target’s minor release', '1.31.4', 'info cni-left-alone'],
    ['of the one before', '1.30.0', 'info cni-left-alone'],
    ['two before', '1.29.9', 'error cni-skew'],
    ['newer (H56)', '1.32.0', 'error cni-skew'],
    ['pinned by digest', undefined, 'warning cni-version-untold'],
  ])('%s', (_, version, expected) => {
    expect(found({ version })).toEqual([expected]);
  });

  test('ztunnel is none', () => {
    expect(found({ kind: 'ztunnel' })).toEqual([]);
  });
});

describe('H54: CNI is never removed with a revision', () => {
  test('what the uninstall of the old control plane would take stops its removal, before anything is touched', () => {
    expect(found({ goesWith: OLD.revision }, true)).toContain('error cni-goes-with-revision');
  });

  test('and nothing else does', () => {
    expect(found({ goesWith: OLD.revision })).toEqual(['info cni-left-alone']);
    expect(found({ goesWith: NEW.revision }, true)).toEqual(['info cni-left-alone']);
    expect(found({}, true)).toEqual(['info cni-left-alone']);
  });
});
