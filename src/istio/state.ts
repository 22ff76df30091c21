import type { UpgradeState } from '../outcome.ts';
import { type Before, stillBefore } from './before.ts';
import { type ProxyVerdict, judgeProxies } from './evidence.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import { isServing } from './health.ts';
import { type Mesh, planeOfRevision } from './mesh.ts';
import { isPromoted } from './promoted.ts';
import { type Scope, isOnly, takenNamespaces } from './scope.ts';
import { type Sides, isInPlace } from './side.ts';
import { type Remembered, movedInPlace, stateInPlace } from './state-in-place.ts';
import type { Accepted } from './stragglers.ts';
import { pinnedTo, tagsLeadingTo } from './tags.ts';
import { sameRelease } from './version.ts';

/**
 * Where the upgrade stands, read off the cluster. The record only says what was under way: with it lost, the same
 * cluster reads the same, but for the direction of an unfinished move. Whether a canary is one is not told here: pods may
 * be where they should be and work badly ({@link proofOfCanary}).
 *
 * @param record of this upgrade
 * @param found what is left behind knowingly, as the steps leave it: also with the record lost (story 122001:2209). Who got
 *   well since it was found is not left any more
 */
export function stateOf(
  mesh: Mesh,
  record: Remembered,
  sides: Sides,
  found: Pick<Before, 'troubled' | 'standing'>,
): UpgradeState {
  const before = stillBefore(mesh, found);
  if (isInPlace(sides)) return stateInPlace(mesh, record, sides, before);
  const { from, to } = sides;
  const fromIsThere = remains(mesh, from.revision);
  const toIsThere = remains(mesh, to.revision);
  const fromRuns = planeOfRevision(mesh, from.revision) !== undefined;
  if (!toIsThere) return fromRuns ? stateWithoutTarget(record) : 'none';
  if (!fromIsThere) return runs(mesh, to) ? 'completed' : 'none';
  // Somebody has taken it away by hand, and left what leads there: forward is the only way.
  if (!fromRuns) return 'removing';
  const underWay = record?.endedAt === undefined ? record?.intent : undefined;
  if (underWay === 'rollback') return 'rolling-back';
  if (underWay === 'remove') return 'removing';
  if (isPromoted(mesh, sides, record, before)) return 'promoted';
  if (underWay === 'promote' || isOnly(mesh.defaultInjector, to.revision)) return 'promoting';
  return isCanary(mesh, to) ? 'canary' : 'canarying';
}

/** Another version under the revision's name is no upgrade that is complete. */
function runs(mesh: Mesh, { revision, version }: Sides['to']): boolean {
  const plane = planeOfRevision(mesh, revision);
  return plane !== undefined && (plane.version === undefined || sameRelease(plane.version, version));
}

/** Whether anything of a revision is there: its istiod, a webhook that asks it, or what was installed with it. */
export function remains(mesh: Pick<Mesh, 'planes' | 'injectors' | 'owned'>, revision: string): boolean {
  return (
    planeOfRevision(mesh, revision) !== undefined ||
    [...mesh.injectors, ...mesh.owned].some((item) => item.revision === revision)
  );
}

function stateWithoutTarget(record: Remembered): UpgradeState {
  if (record === undefined) return 'none';
  if (record.intent === 'rollback') return record.endedAt === undefined ? 'rolling-back' : 'rolled-back';
  return record.endedAt === undefined && record.intent === 'canary' ? 'canarying' : 'none';
}

/**
 * Some namespaces were moved (or workloads that choose a tag), all of them choose the target, and it serves;
 * {@link proofOfCanary} says whether it works.
 */
function isCanary(mesh: Mesh, to: { revision: string }): boolean {
  const moved = takenNamespaces(mesh, to.revision);
  return (
    (moved.length > 0 || pinnedTo(mesh.workloads, tagsLeadingTo(mesh, to.revision)).length > 0) &&
    moved.every(({ injectedBy }) => isOnly(injectedBy, to.revision)) &&
    isServing(planeOfRevision(mesh, to.revision))
  );
}

/**
 * Whether a state is said only once istiod was asked: `canary` (M02), and `completed` of an upgrade in place that is under
 * way, as somebody else may have restarted the rest.
 */
export function needsProof(state: UpgradeState, record: Remembered, sides: Sides): boolean {
  const isOpen = record !== undefined && record.endedAt === undefined;
  return state === 'canary' || (state === 'completed' && isInPlace(sides) && isOpen);
}

/**
 * Whether the namespaces that were moved are what a canary has to be: every pod there on the target, connected and in
 * sync, every workload healthy, or as it was before (M02). Promote begins with it, before its first write.
 *
 * @param scope what is judged; what was moved, where nothing else is given
 */
export function proofOfCanary(
  mesh: Mesh,
  status: ProxyStatusAnswer | Unreadable,
  sides: Sides,
  {
    record,
    before,
    accepted,
  }: { readonly record: Remembered; readonly before: Before; readonly accepted: Accepted },
  scope = canaryScope(mesh, sides, record),
): ProxyVerdict {
  return judgeProxies(
    { mesh, status, other: undefined },
    {
      release: sides.to,
      scope,
      mayBeNone: false,
      byVersion: isInPlace(sides),
      before,
      accepted,
    },
  );
}

/** Whether what a run was about is all of the canary: only then its own proof is one of the canary. */
export function isWholeCanary(
  mesh: Mesh,
  sides: Sides,
  record: Remembered,
  { namespaces, tags }: Scope,
): boolean {
  const whole = canaryScope(mesh, sides, record);
  return (
    whole.namespaces.every((name) => namespaces.includes(name)) &&
    whole.tags.every((tag) => tags.includes(tag) || pinnedTo(mesh.workloads, [tag]).length === 0)
  );
}

/** What is on the target by this upgrade's doing, and not by chance. */
export function canaryScope(mesh: Mesh, sides: Sides, record: Remembered): Scope {
  const { revision } = sides.to;
  if (isInPlace(sides)) return { namespaces: movedInPlace(mesh, sides, record), tags: [] };
  return {
    namespaces: takenNamespaces(mesh, revision).map(({ name }) => name),
    tags: tagsLeadingTo(mesh, revision),
  };
}
