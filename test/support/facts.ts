import type { Facts } from '../../src/decide/facts.ts';
import type { UpgradeRecord } from '../../src/record/record.ts';
import { type MeshSpec, NEW, OLD, mesh } from './mesh.ts';

/** A record of an upgrade from OLD to NEW that is under way, unless it is told otherwise. */
export function record(changes: Partial<UpgradeRecord> = {}): UpgradeRecord {
  return {
    schemaVersion: 1,
    attempt: 'first',
    from: OLD,
    to: NEW,
    istioctl: {},
    intent: 'canary',
    run: 'https://github.example/o/r/actions/runs/1',
    writtenAt: '2026-11-28T00:00:00.000Z',
    ...changes,
  };
}

/** What a run is asked, in short: an upgrade to NEW of every namespace that is named. */
export type Asked = Partial<Facts['inputs']>;

/** Everything that is decided from, of a mesh in short. */
export function facts(inputs: Asked, spec: MeshSpec, changes: Partial<Facts> = {}): Facts {
  return {
    inputs: {
      phase: 'canary',
      version: NEW.version,
      revision: NEW.revision,
      canaryNamespaces: { names: [], selectors: [] },
      canaryTag: undefined,
      stableTags: [],
      stragglers: { names: [], selectors: [] },
      strategy: 'revision',
      allowDowngrade: false,
      acknowledge: [],
      cni: 'leave',
      waitForOwnersMs: 0,
      removeOld: false,
      removeOldAfterMs: 0,
      ...inputs,
    },
    kubernetes: 'v1.33.2',
    mesh: mesh(spec),
    record: undefined,
    now: Date.parse('2026-11-28T12:00:00Z'),
    freshAttempt: 'fresh',
    declined: new Set(),
    status: {},
    ...changes,
  };
}
