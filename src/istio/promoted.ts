import type { UpgradeRecord } from '../record/record.ts';
import type { Before } from './before.ts';
import { firstOf } from './first-of.ts';
import { lastingGateways } from './lasting.ts';
import { type Mesh, type MeshNamespace, type MeshPod, planeOfRevision } from './mesh.ts';
import { movesDefault } from './movable-default.ts';
import { ownerKey } from './moves.ts';
import { isOnly, meshNamespaces, runsOn } from './scope.ts';
import type { Sides } from './side.ts';
import { tagsLeadingTo } from './tags.ts';

type Remembered = Pick<UpgradeRecord, 'intent' | 'promotedAt'> | undefined;
type Excused = Pick<Before, 'troubled'>;

/** So many of them are named. */
const NAMED = 5;

/** Something that still leads to the old revision, or runs on it: it keeps a mesh from being promoted. */
export interface OnOldSide {
  /** What and where to, such as `Namespace shop chooses 1-30-3`. */
  readonly words: string;
  /** When its namespace was made, if this upgrade never moved that: who makes one later has taken nothing back. */
  readonly madeAt?: string | undefined;
}

/** All that keeps a mesh whose target is there from being promoted, what holds most first; not what was left knowingly. */
export function onOldSide(mesh: Mesh, sides: Sides, { troubled: left }: Excused): OnOldSide[] {
  const old = sides.from.revision;
  const homes = new Map(mesh.namespaces.map((namespace) => [namespace.name, madeAt(namespace)]));
  const chosen = meshNamespaces(mesh).filter(({ injectedBy }) => injectedBy.includes(old));
  const claimed = lastingGateways(mesh).filter(({ claimedBy }) => claimedBy.includes(old));
  const isLeft = (pod: MeshPod): boolean => pod.accepted || left.has(ownerKey(pod));
  const staying = mesh.pods.filter((pod) => pod.revision === old && !pod.terminating && !isLeft(pod));
  return [
    ...(movesDefault(mesh, sides) ? defaultElsewhere(mesh, sides.to.revision) : []),
    ...tagsLeadingTo(mesh, old).map((tag) => ({ words: `tag ${tag} leads to ${old}` })),
    ...chosen.map((item) => ({ words: `Namespace ${item.name} chooses ${old}`, madeAt: madeAt(item) })),
    ...claimed.map(({ namespace, name }) => ({
      words: `Gateway ${namespace}/${name} is of ${old}`,
      madeAt: homes.get(namespace),
    })),
    ...staying.map(({ namespace, name }) => ({
      words: `Pod ${namespace}/${name} is on ${old}`,
      madeAt: homes.get(namespace),
    })),
  ];
}

function defaultElsewhere({ defaultInjector, defaultValidator }: Mesh, target: string): OnOldSide[] {
  return [
    ...(isOnly(defaultInjector, target)
      ? []
      : [{ words: `the default tag leads to ${defaultInjector.join(' and ') || 'nothing'}` }]),
    ...(defaultValidator === target
      ? []
      : [{ words: `the default validator leads to ${defaultValidator ?? 'nothing'}` }]),
  ];
}

/** One that bears the labels of before was moved, and is back by somebody's hand, however young it is. */
function madeAt({ originals, unreadableOriginals, createdAt }: MeshNamespace): string | undefined {
  return originals === undefined && unreadableOriginals === undefined ? createdAt : undefined;
}

/** The first of them in words, and how many there are beside. */
export function wordsOf(found: readonly OnOldSide[]): string {
  return firstOf(
    found.map(({ words }) => words),
    NAMED,
    ', ',
  );
}

/**
 * The target runs, nothing chooses the old revision any more, and nothing runs on it but what was left there knowingly.
 * Somebody may have removed the target meanwhile: all leads there, and it is half-way.
 */
export function isPromoted(mesh: Mesh, sides: Sides, record: Remembered, before: Excused): boolean {
  return mayBePromoted(mesh, sides, record) && onOldSide(mesh, sides, before).length === 0;
}

/**
 * Where no default moves, a canary of all namespaces looks the same: only the record knows them apart. A canary that is run
 * again over a promoted mesh keeps when it was.
 */
function mayBePromoted(mesh: Mesh, sides: Sides, record: Remembered): boolean {
  return (
    (movesDefault(mesh, sides) || record?.intent !== 'canary' || record.promotedAt !== undefined) &&
    planeOfRevision(mesh, sides.to.revision) !== undefined
  );
}

/**
 * Whether a mesh that was promoted stands as it did: all of it, but for namespaces that somebody has made since and that
 * choose the old revision. Nobody has taken anything back then, and the target has proved itself all the while. What
 * tells no age (a tag, a workload in an older namespace) may have been taken back by hand.
 *
 * @param since when it was promoted
 */
export function standsSince(
  since: string,
  mesh: Mesh,
  sides: Sides,
  { record, before }: { readonly record: Remembered; readonly before: Excused },
): boolean {
  return (
    mayBePromoted(mesh, sides, record) &&
    // With nobody left on the target there is nothing that it proves itself on.
    runsOn(mesh, sides.to.revision) &&
    onOldSide(mesh, sides, before).every(
      ({ madeAt: made }) => made !== undefined && Date.parse(made) > Date.parse(since),
    )
  );
}
