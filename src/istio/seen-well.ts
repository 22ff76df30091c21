import type { Finding } from '../finding.ts';
import { type MeshPod, type Workload, nameOf } from './mesh.ts';
import { ownerKey } from './moves.ts';
import type { Problem } from './proxy-finding.ts';
import { isHealthy } from './rollout.ts';

/**
 * Who was seen well in a step: by `Kind namespace/name`, the uids of the pods that it had then. In a large mesh always
 * somebody rolls something out, so that never all are well at one time: each has to be seen so once, and what changes then
 * is told, as long as it changes on the side that is wanted.
 */
export type SeenWell = ReadonlyMap<string, ReadonlySet<string>>;

export const NOBODY_SEEN: SeenWell = new Map();

/** A pod that counts, and what is wrong with it. */
export interface Judged {
  readonly pod: MeshPod;
  readonly problem: Problem | undefined;
}

/** What was seen well until now, and what is in this look: healthy, with a pod that shows it, and all of them well. */
export function seenWell(
  workloads: readonly Workload[],
  judged: readonly Judged[],
  earlier: SeenWell,
): SeenWell {
  const ill = new Set([
    ...workloads.filter(({ rollout }) => !isHealthy(rollout)).map(nameOf),
    ...judged
      .filter(({ problem }) => problem !== undefined && problem.isServed !== true)
      .map(({ pod }) => ownerKey(pod)),
  ]);
  const well = Map.groupBy(
    judged.map(({ pod }) => pod).filter((pod) => pod.owner !== undefined && !ill.has(ownerKey(pod))),
    ownerKey,
  );
  return new Map([
    ...earlier,
    ...[...well].map(([owner, pods]) => [owner, new Set(pods.map(uidOf))] as const),
  ]);
}

/** What changes in this look of what was seen well. */
export interface Changes {
  readonly workloads: readonly Workload[];
  readonly pods: readonly Judged[];
}

/**
 * Of what is not well in this look, what a rollout or a scale-up of what was seen well explains: its pods come and go, none of
 * them fails or is where it should not be. Of a workload with anything else that is wrong, all is wrong.
 *
 * @param awaited workloads that are not healthy
 * @param pods all that there are, also those that are going
 */
export function changesOf(
  {
    awaited,
    judged,
    pods,
  }: {
    readonly awaited: readonly Workload[];
    readonly judged: readonly Judged[];
    readonly pods: readonly MeshPod[];
  },
  seen: SeenWell,
): Changes {
  const wrong = new Set([
    ...awaited.filter((workload) => !isRolling(workload, pods, seen)).map(nameOf),
    ...judged
      .filter((item) => item.problem?.before === false && !passes(item, seen))
      .map(({ pod }) => ownerKey(pod)),
  ]);
  return {
    workloads: awaited.filter((workload) => !wrong.has(nameOf(workload))),
    pods: judged.filter((item) => passes(item, seen) && !wrong.has(ownerKey(item.pod))),
  };
}

/** Younger than what was seen well, and nothing of it fails. What was well itself has broken, but for a push on its way. */
function passes({ pod, problem }: Judged, seen: SeenWell): boolean {
  const known = seen.get(ownerKey(pod));
  if (known === undefined || problem?.passes === undefined) return false;
  return problem.passes === 'with-push' || (!known.has(uidOf(pod)) && pod.failing !== true);
}

/** Pods of it come or go, and it is not past its deadline. Where none does, something holds them back, such as a quota. */
function isRolling(workload: Workload, pods: readonly MeshPod[], seen: SeenWell): boolean {
  const name = nameOf(workload);
  const known = seen.get(name);
  return (
    known !== undefined &&
    workload.rollout.stuck === undefined &&
    pods.some((pod) => ownerKey(pod) === name && (pod.terminating || !known.has(uidOf(pod))))
  );
}

/** Tells it, in one warning for each workload. */
export function changesTold({ workloads, pods }: Changes, revision: string): Finding[] {
  const details = [
    ...workloads.map((workload) => [nameOf(workload), workload.rollout.message] as const),
    ...pods.map(({ pod, problem }) => [ownerKey(pod), `pod ${pod.name} ${problem?.text ?? ''}`] as const),
  ];
  return [...Map.groupBy(details, ([owner]) => owner)].map(([object, its]) => ({
    id: 'workload-changing',
    severity: 'warning',
    object,
    message: `all of it was seen well on ${revision} in this step, and it changes again: ${its.map(([, text]) => text).join(', ')}`,
    remedy: `Nothing for the upgrade: what pods of it are there are on ${revision}. Look at it as at any rollout of yours.`,
  }));
}

/** A StatefulSet's pods keep their names. */
function uidOf({ uid, name }: MeshPod): string {
  return uid ?? name;
}
