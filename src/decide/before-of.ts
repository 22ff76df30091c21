import {
  type Before,
  type Doing,
  isOurs,
  servedNow,
  stillTroubled,
  troubledBefore,
} from '../istio/before.ts';
import { type Mesh, type MeshPod, nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { sameRelease } from '../istio/version.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Facts } from './facts.ts';
import type { Upgrade } from './upgrade.ts';

/**
 * How it was before this upgrade, from what is seen now and what its record tells.
 *
 * @param record of this upgrade
 */
export function beforeOf(facts: Facts, upgrade: Upgrade, record: UpgradeRecord | undefined): Before {
  // With no record of it the restarts of an upgrade that is under way would pass for somebody else's, and what they broke
  // for what was broken before: a canary that does not work would be said to.
  const doing: Doing = {
    attempt: upgrade.attempt,
    ...(record === undefined ? { forgotten: upgrade.to } : {}),
    begunAt: record?.attempt === upgrade.attempt ? record.begunAt : undefined,
  };
  const left = onSide(upgrade, 'from');
  const there = onSide(upgrade, 'to');
  const { mesh, declined, status } = facts;
  // One that is complete is still what promote looks at again, and what a rollback takes back: what was wrong before it is
  // known by its record alone.
  const { phase } = facts.inputs;
  const looksBack = (phase === 'promote' || phase === 'rollback') && record?.intent !== 'rollback';
  const mine = record?.endedAt === undefined || looksBack ? record : undefined;
  const known = mine?.troubled ?? [];
  const answer = status.from;
  const owners = new Set(stillUnsynced(facts, mine?.unsynced ?? []));
  const served = servedNow(mesh);
  if (answer?.readable !== true) {
    return { troubled: troubledBefore(mesh, doing, there, known), declined, unsynced: owners, served };
  }
  const synced = new Set(
    answer.proxies
      .filter(({ sync }) => sync === 'synced')
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const ours = new Set(mesh.workloads.filter((workload) => isOurs(workload, doing)).map(nameOf));
  const unsynced = mesh.pods.filter(
    (pod) =>
      left(pod) && !ours.has(ownerKey(pod)) && (!synced.has(`${pod.namespace}/${pod.name}`) || !pod.ready),
  );
  // A pod that is not ready says nothing of its proxy: whether its workload was broken is told by its rollout.
  for (const pod of unsynced)
    if (pod.ready && !pod.terminating && pod.owner !== undefined) owners.add(ownerKey(pod));
  if (phase !== 'rollback') {
    return { troubled: troubledBefore(mesh, doing, there, known), declined, unsynced: owners, served };
  }
  // In place: left behind by an earlier upgrade, or of a version that nobody can tell.
  const odd = isInPlace(upgrade)
    ? mesh.pods.filter((pod) => left(pod) && !sameRelease(pod.version ?? '', upgrade.from.version))
    : [];
  // Of a control plane that is neither: a rollback has nothing to do with it.
  const others = mesh.pods.filter(
    (pod) => pod.revision !== undefined && !pod.terminating && !left(pod) && !there(pod),
  );
  // Born before a label, or while no injector answered: a rollback leaves it as it finds it.
  const bare = mesh.pods.filter(
    (pod) => pod.revision === undefined && !pod.terminating && !ours.has(ownerKey(pod)),
  );
  return {
    // What a rollback finds on the canary is what it is there to mend.
    troubled: new Set([...stillTroubled(mesh, known), ...troubledOutside(mesh, upgrade, doing)]),
    declined,
    served,
    unsynced: new Set([
      ...owners,
      ...[...unsynced, ...bare, ...odd, ...others].map(({ namespace, name }) =>
        nameOf({ kind: 'Pod', namespace, name }),
      ),
    ]),
  };
}

/**
 * Of workloads with a proxy that was not connected or not in sync, those that are not all connected and in sync by now, as far
 * as istiods answer and pods are there to tell.
 */
function stillUnsynced({ mesh, status }: Facts, known: readonly string[]): string[] {
  const answers = [status.from, status.to].filter((answer) => answer?.readable === true);
  if (answers.length === 0) return [...known];
  const synced = new Set(
    answers.flatMap(({ proxies }) =>
      proxies.filter(({ sync }) => sync === 'synced').map(({ namespace, name }) => `${namespace}/${name}`),
    ),
  );
  const there = mesh.pods.filter(({ terminating }) => !terminating);
  const isSynced = ({ namespace, name }: MeshPod): boolean => synced.has(`${namespace}/${name}`);
  const lacking = new Set(there.filter((pod) => !isSynced(pod)).map(ownerKey));
  const well = new Set(there.map(ownerKey).filter((owner) => !lacking.has(owner)));
  return known.filter((name) => !well.has(name));
}

/** Workloads that are not healthy and have no pod on the canary. */
function troubledOutside(mesh: Mesh, upgrade: Upgrade, doing: Doing): string[] {
  const left = onSide(upgrade, 'from');
  const elsewhere = new Set(
    mesh.pods.filter((pod) => pod.revision !== undefined && !left(pod)).map(ownerKey),
  );
  return [...troubledBefore(mesh, doing, onSide(upgrade, 'to'), [])].filter((name) => !elsewhere.has(name));
}
