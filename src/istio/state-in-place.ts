import type { UpgradeState } from '../outcome.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Before } from './before.ts';
import { isServing } from './health.ts';
import { leavingNamespaces } from './lasting.ts';
import {
  type ControlPlane,
  type Mesh,
  type MeshPod,
  type Workload,
  nameOf,
  planeOfRevision,
} from './mesh.ts';
import { ownerKey } from './moves.ts';
import { attemptOf, restartMarkOf } from './restart-mark.ts';
import { type Sides, isBehind, isOfUpgrade, onSide } from './side.ts';
import { isOlder, sameRelease } from './version.ts';

export type Remembered = Pick<UpgradeRecord, 'attempt' | 'to' | 'intent' | 'endedAt' | 'canary'> | undefined;

/** Whether an upgrade in place goes down: then proxies go first, as none may be newer than its istiod (H40). */
export function goesDown({ from, to }: Sides): boolean {
  return isOlder(to.version, from.version);
}

/** Whether a control plane is of a release, as its image or what else tells its version says. */
export function runs(plane: ControlPlane | undefined, version: string): boolean {
  return plane?.version !== undefined && sameRelease(plane.version, version);
}

/**
 * Where an upgrade in place stands, read off the cluster: the version of istiod and those of the proxies. The record only
 * says what was under way. There is no `promoted`: the old control plane is gone as soon as the new one is there.
 */
export function stateInPlace(
  mesh: Mesh,
  record: Remembered,
  sides: Sides,
  { troubled, standing }: Pick<Before, 'troubled' | 'standing'>,
): UpgradeState {
  const plane = planeOfRevision(mesh, sides.to.revision);
  const active = underWay(record, sides)?.intent;
  const ended = record?.endedAt !== undefined && isOfUpgrade(record, sides) ? record.intent : undefined;
  if (active === 'rollback') return 'rolling-back';
  // What an earlier upgrade to the same release has restarted bears its mark still.
  if (ended === 'rollback' && isInPlaceBack(mesh, sides, { standing })) return 'rolled-back';
  const replaced = runs(plane, sides.to.version);
  const moved = movedInPlace(mesh, sides, record);
  if (replaced && isEverythingMoved(mesh, sides, troubled))
    return isServing(plane) ? 'completed' : 'canarying';
  const down = goesDown(sides);
  if (!(down ? moved.length > 0 : replaced)) return beforeIt(active, ended);
  // Promote had ended: what it left as it was (broken, or by leave) and may move by now is its own, and no canary's.
  if (active === 'promote' || (replaced && (down || ended === 'promote'))) return 'promoting';
  const own = ownOf(record, sides);
  return isServing(plane) &&
    moved.some((name) => own?.includes(name) ?? true) &&
    behindInCanary(mesh, sides, record, { troubled }).length === 0
    ? 'canary'
    : 'canarying';
}

/** What is remembered of this upgrade while it is under way: one whose end was not written may be another by now. */
function underWay(record: Remembered, sides: Sides): Remembered {
  return record !== undefined && record.endedAt === undefined && isOfUpgrade(record, sides)
    ? record
    : undefined;
}

/** Of a canary that is under way its own namespaces count: another one may be whole by chance, by a single pod's end. */
function ownOf(record: Remembered, sides: Sides): readonly string[] | undefined {
  const open = underWay(record, sides);
  return open?.intent === 'canary' ? open.canary : undefined;
}

/** Whether the control plane is a side's, and serves. */
export function serves(mesh: Pick<Mesh, 'planes'>, sides: Sides, side: 'from' | 'to'): boolean {
  const { revision, version } = sides[side];
  const plane = planeOfRevision(mesh, revision);
  return runs(plane, version) && isServing(plane);
}

/** Whether nothing of it is left: the release that ran before serves, and no proxy is on the target. */
export function isInPlaceBack(mesh: Mesh, sides: Sides, before: Pick<Before, 'standing'>): boolean {
  return serves(mesh, sides, 'from') && leftOnTarget(mesh, sides, before).length === 0;
}

/** Pods that a rollback has to take back and has not: on the target, and neither there before nor by leave. */
export function leftOnTarget(
  { pods }: Pick<Mesh, 'pods'>,
  sides: Sides,
  { standing }: Pick<Before, 'standing'>,
): MeshPod[] {
  const there = onSide(sides, 'to');
  return pods.filter(
    (pod) => there(pod) && !pod.terminating && !pod.accepted && !standing.has(pod.uid ?? ''),
  );
}

function beforeIt(
  active: UpgradeRecord['intent'] | undefined,
  ended: UpgradeRecord['intent'] | undefined,
): UpgradeState {
  if (active === 'canary') return 'canarying';
  if (active === 'promote') return 'promoting';
  return ended === 'rollback' ? 'rolled-back' : 'none';
}

/**
 * Namespaces that have moved: they hold a workload that this upgrade has restarted for the target, or nothing but proxies
 * of it. One pod that was born meanwhile moves no namespace, and what may stay where it is says nothing. Istio's own does
 * not count: its gateways go with the control plane.
 */
export function movedInPlace(mesh: Mesh, sides: Sides, record: Remembered): string[] {
  const there = onSide(sides, 'to');
  const marked = restartedInPlace(mesh, sides, record);
  const proxies = mesh.pods.filter(
    ({ revision, terminating, accepted }) => revision !== undefined && !terminating && !accepted,
  );
  const behind = new Set(proxies.filter((pod) => !there(pod)).map(({ namespace }) => namespace));
  const whole = proxies.filter(({ namespace }) => !behind.has(namespace));
  const leaving = leavingNamespaces(mesh);
  const names = new Set([...marked, ...whole].map(({ namespace }) => namespace));
  return [...names].filter((name) => name !== mesh.istioNamespace && !leaving.has(name)).sort();
}

/** No pod is left on the side that is left, but those that were left there knowingly. */
function isEverythingMoved(mesh: Mesh, sides: Sides, left: ReadonlySet<string>): boolean {
  const behind = onSide(sides, 'from');
  return !mesh.pods.some(
    (pod) => behind(pod) && !pod.terminating && !pod.accepted && !left.has(ownerKey(pod)),
  );
}

/**
 * Workloads that bear a mark of a restart of this upgrade. An earlier attempt to the same release may have left its own,
 * which stays where nobody restarts the workload on the way back. Where no record names the attempt, a pod on the target
 * tells that the mark is not of one that was taken back; and so in the canary's own namespaces, where the attempt whose
 * record was lost may have moved what this one found in its place.
 */
function restartedInPlace({ workloads, pods }: Mesh, sides: Sides, record: Remembered): Workload[] {
  const there = new Set(pods.filter(onSide(sides, 'to')).map(ownerKey));
  const attempt = underWay(record, sides)?.attempt;
  const own = ownOf(record, sides) ?? [];
  return workloads.filter((workload) => {
    const { restartedFor = '' } = workload;
    if (!restartedFor.startsWith(restartMarkOf(sides.to))) return false;
    const isFound = attempt === undefined || own.includes(workload.namespace);
    const isOwn = attempt !== undefined && attemptOf(restartedFor) === attempt;
    return isOwn || (isFound && there.has(nameOf(workload)));
  });
}

/** Pods of what was moved that are behind, but for workloads that were broken before, which are not restarted (M21). */
export function behindInCanary(
  mesh: Mesh,
  sides: Sides,
  record: Remembered,
  { troubled }: Pick<Before, 'troubled'>,
): MeshPod[] {
  const names = [...movedInPlace(mesh, sides, record), ...(ownOf(record, sides) ?? [])];
  const behind = isBehind(sides);
  return mesh.pods.filter(
    (pod) =>
      names.includes(pod.namespace) &&
      pod.revision !== undefined &&
      !pod.terminating &&
      !pod.accepted &&
      !troubled.has(ownerKey(pod)) &&
      behind(pod),
  );
}
