import { describe, expect, test } from '@jest/globals';
import { cni, cniOnTheWayBack } from '../../../src/checks/cni.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import type { SharedComponent } from '../../../src/istio/shared-component.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, OLD, plane, shared } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

function found(
  component: Partial<SharedComponent>,
  removeOld = false,
  changes: Partial<CheckView> = {},
): string[] {
  const view = checkView(
    { planes, shared: [shared(component)] },
    { removal: { removeOld, removeOldAfterMs: 0 }, ...changes },
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

test('H56: on the way back it is told that CNI is too new for what comes back, and it stops nothing', () => {
  const told = (component: Partial<SharedComponent>): string[] =>
    cniOnTheWayBack(checkView({ planes, shared: [shared(component)] }, { phase: 'rollback' })).map(
      ({ severity, id }) => `${severity} ${id}`,
    );
  expect(told({ version: '1.31.0' })).toEqual(['warning cni-skew']);
  expect(told({ version: '1.30.3' })).toEqual([]);
  // It went along, and comes back with the rest.
  expect(told({ version: '1.31.0', goesWith: NEW.revision })).toEqual([]);
});

describe('H54: CNI is never removed with a revision', () => {
  test('what the uninstall of the old control plane would take stops its removal, before anything is touched', () => {
    expect(found({ goesWith: OLD.revision }, true)).toContain('error cni-goes-with-revision');
  });

  test('of one without a revision, nothing is named that would be installed as its own again', () => {
    const remedyFor = (revision: string): string | undefined => {
      const view = checkView(
        { planes, shared: [shared({ goesWith: revision })] },
        { phase: 'promote', removal: { removeOld: true, removeOldAfterMs: 0 } },
      );
      const upgrade = { ...view.upgrade, from: { ...view.upgrade.from, revision } };
      return cni({ ...view, upgrade }).find(({ id }) => id === 'cni-goes-with-revision')?.remedy;
    };
    expect(remedyFor('1-30-3')).toMatch(/^Install Istio CNI by itself, without a revision/);
    expect(remedyFor('default')).toMatch(/^Run canary with cni: with-install/);
    expect(remedyFor('default')).not.toMatch(/Helm|by itself/);
  });

  test('and nothing else does', () => {
    expect(found({ goesWith: OLD.revision })).toEqual(['info cni-left-alone', 'warning cni-not-in-canary']);
    expect(found({ goesWith: NEW.revision }, true)).toEqual(['info cni-left-alone']);
    expect(found({}, true)).toEqual(['info cni-left-alone']);
  });
});

describe('H54, H56: CNI that goes along with the canary’s installation', () => {
  const asked = { allowDowngrade: false, acknowledge: [], cni: 'with-install', waitForOwnersMs: 0 } as const;
  const own = { goesWith: OLD.revision };

  test('is newer than the old control plane until promote, which is told', () => {
    expect(found({ ...own, version: '1.30.3' }, false, { asked })).toEqual(['warning cni-goes-along']);
    expect(found({ ...own, version: '1.29.1' }, false, { asked })).toEqual(['error cni-skew']);
  });

  test('promote leaves it as it is', () => {
    expect(found(own, false, { asked, phase: 'promote' })).toEqual(['info cni-left-alone']);
    expect(found(own, false, { phase: 'promote' })).toEqual(['info cni-left-alone']);
  });

  test('left alone, the new injector does without it: told where istioctl installed it with the old one', () => {
    expect(found(own)).toContain('warning cni-not-in-canary');
    expect(found({ goesWith: undefined })).toEqual(['info cni-left-alone']);
  });
});
