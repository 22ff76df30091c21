import type { Finding } from '../finding.ts';
import {
  forsakenOf,
  isRestartable,
  orphansOf,
  podWillNotMove,
  restartLosesSidecar,
  workloadsWillNotMove,
} from '../istio/immovable.ts';
import { type Mesh, type MeshPod, WORKLOAD_KINDS } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { rolloutOf } from '../istio/rollout.ts';
import type { Context } from './context.ts';

/** What waiting can't help, and what it may, as it may end by itself. */
export interface Staying {
  readonly forever: readonly Finding[];
  /** Of a Job, which runs nobody knows how long, or of a workload that is gone. */
  readonly passing: readonly Finding[];
  /** Somebody rolls a workload that nothing injects any more: when that ends, its pods with a sidecar are gone. */
  readonly rolling: readonly Finding[];
}

/**
 * Of pods that are on the wrong side, those that stay there until somebody acts: to wait for them would never end. No
 * workload owns them; their workload's rollout leaves them; or nothing injects their workload any more, which is then
 * never restarted, as that would take the sidecar away.
 *
 * @param back the revision whose label a namespace can have back
 * @param mayStay whether the phase can end while they stay (`allow-stragglers`)
 * @returns a finding for each, with what to do; none where all may yet come
 */
export async function neverMoving(
  { cluster }: Pick<Context, 'cluster'>,
  mesh: Pick<Mesh, 'workloads' | 'byHand'>,
  pods: readonly MeshPod[],
  { back, mayStay }: { readonly back: string; readonly mayStay: boolean },
): Promise<Staying> {
  const saying = { severity: 'error', mayStay } as const;
  const unowned = pods.filter((pod) => !isRestartable(pod));
  const told = [
    ...unowned.filter((pod) => !isOfJob(pod)).map((pod) => podWillNotMove(mesh, pod, saying)),
    ...workloadsWillNotMove(mesh, pods, saying),
  ];
  const rolling: Finding[] = [];
  for (const [namespace, forsaken] of forsakenOf(mesh, pods)) {
    const one = [...new Map(forsaken.map((pod) => [ownerKey(pod), pod])).entries()];
    const rests = await Promise.all(
      one.map(async ([owner, pod]) => [owner, await restOf(cluster, pod)] as const),
    );
    for (const [rest, into] of [
      ['settled', told],
      ['rolls', rolling],
    ] as const) {
      const owners = rests.filter(([, is]) => is === rest).map(([owner]) => owner);
      const staying = forsaken.filter((pod) => owners.includes(ownerKey(pod)));
      if (staying.length > 0)
        into.push(
          restartLosesSidecar(namespace, staying, { revision: back, severity: 'error', mayStay: false }),
        );
    }
  }
  // One that was deleted takes its pods with it, after a moment.
  const ending = [...unowned.filter(isOfJob), ...orphansOf(mesh, pods)];
  return { forever: told, passing: ending.map((pod) => podWillNotMove(mesh, pod, saying)), rolling };
}

function isOfJob({ owner }: MeshPod): boolean {
  return owner?.kind === 'Job';
}

/** Whether its workload has come to rest, as its controller says: one that is deleted or rolls takes its pods with it. */
async function restOf(
  cluster: Context['cluster'],
  { namespace, owner }: MeshPod,
): Promise<'gone' | 'rolls' | 'settled'> {
  const kind = WORKLOAD_KINDS.find((known) => known === owner?.kind);
  const found =
    owner === undefined || kind === undefined ? undefined : await cluster.get(kind, owner.name, namespace);
  if (found === undefined || kind === undefined) return 'gone';
  const { done, stuck } = rolloutOf(kind, found);
  return done || stuck !== undefined ? 'settled' : 'rolls';
}
