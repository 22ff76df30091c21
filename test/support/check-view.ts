import type { CheckView } from '../../src/checks/check.ts';
import { type MeshSpec, view } from './mesh.ts';

/** What checks read of a mesh: before a canary of everything, unless it is told otherwise. */
export function checkView(spec: MeshSpec, changes: Partial<CheckView> = {}): CheckView {
  return {
    ...view(spec),
    phase: 'canary',
    kubernetes: 'v1.33.2',
    status: {},
    gateways: undefined,
    state: 'none',
    asked: { allowDowngrade: false, acknowledge: [], cni: 'leave', waitForOwnersMs: 0 },
    removal: { removeOld: false, removeOldAfterMs: 0 },
    now: Date.parse('2026-11-28T12:00:00Z'),
    ...changes,
  };
}
