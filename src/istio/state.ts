import type { UpgradeState } from '../outcome.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { type Frame, type Mesh, planeOfRevision } from './mesh.ts';
import { isBehind, isOn, isOnly, meshNamespaces, movedNamespaces } from './moves.ts';

/**
 * Where the upgrade stands, read off the cluster. The record only says what was under way: with it lost, the same
 * cluster reads the same, but for the direction of an unfinished move.
 */
export function stateOf(
  mesh: Mesh,
  record: Pick<UpgradeRecord, 'intent' | 'endedAt'> | undefined,
  { from, to }: { readonly from: { revision: string }; readonly to: { revision: string } },
): UpgradeState {
  const fromIsThere = remains(mesh, from.revision);
  const toIsThere = remains(mesh, to.revision);
  if (!toIsThere) return stateWithoutTarget(record);
  if (!fromIsThere) return 'completed';
  if (record?.endedAt === undefined && record?.intent === 'rollback') return 'rolling-back';
  if (record?.endedAt === undefined && record?.intent === 'remove') return 'removing';
  if (isPromoted(mesh, from, to)) return 'promoted';
  if (record?.intent === 'promote' || isOnly(mesh.defaultInjector, to.revision)) return 'promoting';
  return isCanary(mesh, to) ? 'canary' : 'canarying';
}

/** Whether anything of a revision is there: its istiod, a webhook that asks it, or what was installed with it. */
export function remains(mesh: Frame, revision: string): boolean {
  return (
    planeOfRevision(mesh, revision) !== undefined ||
    [...mesh.injectors, ...mesh.owned].some((item) => item.revision === revision)
  );
}

function stateWithoutTarget(record: Pick<UpgradeRecord, 'intent' | 'endedAt'> | undefined): UpgradeState {
  if (record === undefined) return 'none';
  if (record.intent === 'rollback') return record.endedAt === undefined ? 'rolling-back' : 'rolled-back';
  return record.endedAt === undefined && record.intent === 'canary' ? 'canarying' : 'none';
}

/** Nothing chooses the old revision any more, and nothing runs on it. */
function isPromoted(mesh: Mesh, from: { revision: string }, to: { revision: string }): boolean {
  return (
    isOnly(mesh.defaultInjector, to.revision) &&
    mesh.defaultValidator === to.revision &&
    !meshNamespaces(mesh).some(({ injectedBy }) => injectedBy.includes(from.revision)) &&
    !mesh.pods.some((pod) => !pod.terminating && isOn(from.revision)(pod))
  );
}

/** Some namespaces were moved, and every pod in them is on the target. */
function isCanary(mesh: Mesh, to: { revision: string }): boolean {
  const moved = movedNamespaces(mesh).map(({ name }) => name);
  const behind = isBehind(to);
  return (
    moved.length > 0 &&
    moved.every((name) =>
      mesh.namespaces.some((item) => item.name === name && isOnly(item.injectedBy, to.revision)),
    ) &&
    !mesh.pods.some((pod) => moved.includes(pod.namespace) && !pod.terminating && behind(pod))
  );
}
