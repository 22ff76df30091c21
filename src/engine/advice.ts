import type { Mesh } from '../istio/mesh.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { noWayBack } from '../istio/way-back.ts';
import type { Phase, UpgradeState } from '../outcome.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Report, RollbackReport } from '../report/report.ts';
import type { Upgrade } from './upgrade.ts';

/** What to do next in a state when the phase did its work, and which phase that is. */
const NEXT: Readonly<Record<UpgradeState, { readonly text: string; readonly phase?: Phase }>> = {
  none: { text: 'Run canary when the time suits.', phase: 'canary' },
  canarying: { text: 'Run canary again: it goes on where it stopped. Or run rollback.', phase: 'canary' },
  canary: { text: 'Watch the canary namespaces. Then run promote, or rollback.', phase: 'promote' },
  promoting: { text: 'Run promote again: it goes on where it stopped. Or run rollback.', phase: 'promote' },
  promoted: {
    text: 'Watch the mesh with both control planes side by side. Then run promote with remove-old: true. Until then rollback works.',
    phase: 'promote',
  },
  removing: {
    text: 'Run promote with remove-old: true again: it goes on where it stopped.',
    phase: 'promote',
  },
  completed: { text: 'Nothing: the upgrade is complete.' },
  'rolling-back': { text: 'Run rollback again: it goes on where it stopped.', phase: 'rollback' },
  'rolled-back': {
    text: 'Find out what went wrong. The next attempt begins with precheck.',
    phase: 'precheck',
  },
};

/** The cluster and its record as the run leaves them. */
export interface LastLook {
  readonly mesh: Mesh;
  readonly record: UpgradeRecord | undefined;
}

/** Fills in what to do next and whether there is a way back, from where the upgrade stands. */
export function advise(report: Report, look: LastLook | undefined, upgrade: Upgrade | undefined): void {
  const next = nextOf(report);
  if (report.next === '') report.next = next.text;
  if (next.phase !== undefined) report.nextPhase = next.phase;
  if (upgrade === undefined || look === undefined || report.state === undefined) return;
  report.rollback = rollbackOf(look, upgrade, report.state);
}

function nextOf({ state, outcome, phase, dryRun }: Report): {
  readonly text: string;
  readonly phase?: Phase;
} {
  if (outcome === 'refused') {
    return { text: `Remove what the findings name, then run ${phase} again.`, phase };
  }
  if (dryRun && outcome === 'succeeded') return { text: `Run ${phase} without dry-run to do it.`, phase };
  if (state === undefined) return { text: '' };
  const fresh = state === 'none' || state === 'rolled-back' || state === 'completed';
  if (phase === 'precheck' && fresh)
    return outcome === 'succeeded' ? NEXT.none : { text: 'Run precheck again.', phase };
  return NEXT[state];
}

function rollbackOf({ mesh, record }: LastLook, { from, to }: Upgrade, state: UpgradeState): RollbackReport {
  if (state === 'none' || state === 'rolled-back') {
    return { ready: false, how: 'There is nothing to go back from: the mesh is as it was before.' };
  }
  const plane = planeOfRevision(mesh, from.revision);
  const why = noWayBack(mesh, from.revision, record?.removing);
  if (plane === undefined || why !== undefined) {
    return {
      ready: false,
      how: `The point of no return is past: ${why ?? ''}. To go back, install the old version beside ${to.version} by hand and move the namespaces over (docs/rollback.md).`,
    };
  }
  if (!plane.rollout.done || plane.rollout.desired === 0) {
    return {
      ready: false,
      how: `The old control plane (${from.revision}) is not healthy: ${plane.rollout.message || 'it is scaled to zero'}.`,
    };
  }
  return {
    ready: true,
    how: `Run this Action with phase: rollback and version: ${to.version}. It puts back the default tag and the labels, restarts what is on ${to.revision}, and removes ${to.revision}.`,
  };
}
