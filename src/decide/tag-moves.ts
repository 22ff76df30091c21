import type { Inputs } from '../inputs.ts';
import { keptElsewhere } from '../istio/kept-tags.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { isAdopted } from '../istio/scope.ts';
import { type TagMoves, followersOf, namesOf, pinnedTo, tagsLeadingTo } from '../istio/tags.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';

interface Pair {
  readonly from: Release;
  readonly to: Release;
}

/**
 * Which revision tags a phase takes where: canary the one that was named, promote all that lead to the old control plane
 * and those that were named, rollback all that lead to the canary. A precheck speaks for a canary.
 */
export function tagMovesOf(
  { phase, canaryTag, stableTags }: Pick<Inputs, 'phase' | 'canaryTag' | 'stableTags'>,
  mesh: Mesh,
  { from, to }: Pair,
  record: UpgradeRecord | undefined,
): TagMoves {
  if (phase === 'rollback') {
    const known = new Map(Object.entries(record?.tags ?? {}));
    // What is left of a tag that was being removed goes on, unless it led elsewhere before: nothing else tells of it.
    const lone = namesOf(mesh.loneTagServices.filter(({ revision }) => revision === to.revision));
    const before = new Map([...lone.map((tag) => [tag, null] as const), ...known]);
    const back = (tag: string): string | null => wayBackOf(tag, mesh, from, before);
    // What Git keeps on the target goes back there, and not by us.
    const ours = [...tagsLeadingTo(mesh, to.revision), ...lone].filter(
      (tag) => keptElsewhere(mesh, tag, back(tag)) === undefined,
    );
    return movesOf(ours, back);
  }
  const names =
    phase === 'promote'
      ? [...tagsLeadingTo(mesh, from.revision), ...stableTags]
      : canaryTag === undefined
        ? []
        : [canaryTag];
  return movesOf(names, () => to.revision);
}

/**
 * Where a tag was before. The record only hints: one that was made by this upgrade goes if nobody follows it, and one that
 * led elsewhere goes back there if that is still a control plane; every other one goes to the old control plane.
 *
 * @param known where tags led before, as the record says
 */
export function wayBackOf(
  tag: string,
  mesh: Mesh,
  from: Release,
  known: ReadonlyMap<string, string | null>,
): string | null {
  const before = known.get(tag);
  if (before === null) return isFollowed(mesh, tag) ? from.revision : null;
  return before !== undefined && planeOfRevision(mesh, before) !== undefined ? before : from.revision;
}

/** Whether somebody follows a tag who would be injected by nobody without it. */
export function isFollowed(mesh: Mesh, tag: string): boolean {
  return (
    // What was made to follow it names the old revision again before the tags go back.
    followersOf(mesh, [tag]).some((item) => !isAdopted(item, item.adopted?.revision ?? '')) ||
    pinnedTo([...mesh.workloads, ...mesh.makers], [tag]).length > 0
  );
}

function movesOf(names: readonly string[], to: (tag: string) => string | null): TagMoves {
  return Object.fromEntries([...new Set(names)].sort().map((tag) => [tag, to(tag)]));
}
