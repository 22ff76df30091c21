import {
  type Before,
  type Doing,
  NOTHING_BEFORE,
  isOurs,
  servedNow,
  stillTroubled,
  troubledBefore,
} from '../istio/before.ts';
import { type Mesh, type MeshPod, nameOf } from '../istio/mesh.ts';
import { ownerKey, toReplace } from '../istio/moves.ts';
import { isHealthy } from '../istio/rollout.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { goesDown } from '../istio/state-in-place.ts';
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
  // And one that had ended answers for nothing that broke since, also where promote goes on under its name.
  const isOpen = record?.endedAt === undefined;
  const doing: Doing = {
    attempt: isOpen ? upgrade.attempt : facts.freshAttempt,
    ...(record === undefined ? { forgotten: upgrade.to } : {}),
    begunAt: isOpen && record?.attempt === upgrade.attempt ? record.begunAt : undefined,
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
  const now = proxiesOf([status.from, status.to]);
  const owners = new Set(stillSo(mesh, mine?.unsynced ?? [], now?.synced));
  const unconnected = new Set(stillSo(mesh, mine?.unconnected ?? [], now?.connected));
  const standing = standingOf(facts, upgrade, record);
  const seen = { declined, unsynced: owners, unconnected, standing, served: servedNow(mesh, upgrade) };
  const old = proxiesOf([status.from]);
  if (old === undefined) return { ...seen, troubled: troubledBefore(mesh, doing, there, known) };
  const ours = new Set(mesh.workloads.filter((workload) => isOurs(workload, doing)).map(nameOf));
  const unsynced = mesh.pods.filter(
    (pod) => left(pod) && !ours.has(ownerKey(pod)) && (!old.synced.has(placeOf(pod)) || !pod.ready),
  );
  // A pod that is not ready says nothing of its proxy: whether its workload was broken is told by its rollout.
  for (const pod of unsynced)
    if (pod.ready && !pod.terminating && pod.owner !== undefined) {
      owners.add(ownerKey(pod));
      if (!old.connected.has(placeOf(pod))) unconnected.add(ownerKey(pod));
    }
  if (phase !== 'rollback') return { ...seen, troubled: troubledBefore(mesh, doing, there, known) };
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
    ...seen,
    // What a rollback finds on the canary is what it is there to mend.
    troubled: new Set([...stillTroubled(mesh, known), ...troubledOutside(mesh, upgrade, doing)]),
    unsynced: new Set([...owners, ...[...unsynced, ...bare, ...odd, ...others].map(podName)]),
  };
}

function podName({ namespace, name }: MeshPod): string {
  return nameOf({ kind: 'Pod', namespace, name });
}

/**
 * What the record has kept since the downgrade began; while it begins, what is seen. A pod that a restart would move, and that is
 * there already, tells of an earlier run whose record is lost: then nobody knows what stood.
 */
function standingOf(
  { mesh, inputs }: Facts,
  upgrade: Upgrade,
  record: UpgradeRecord | undefined,
): Set<string> {
  if (!isInPlace(upgrade) || !goesDown(upgrade)) return new Set();
  const there = mesh.pods.filter(onSide(upgrade, 'to'));
  const among = (pods: readonly MeshPod[]) =>
    toReplace({ ...mesh, pods }, () => true, NOTHING_BEFORE, upgrade);
  const unmoved = among(there.map((pod) => ({ ...pod, accepted: false }))).stragglers;
  const here = unmoved.flatMap(({ uid }) => uid ?? []);
  const isUnderWay = record !== undefined && record.endedAt === undefined;
  if (isUnderWay || inputs.phase !== 'canary') return kept(here, record?.stood);
  // What is broken was left behind by the upgrade, too.
  return new Set(among(there).workloads.some(({ rollout }) => isHealthy(rollout)) ? [] : here);
}

function kept(here: readonly string[], known: readonly string[] = []): Set<string> {
  return new Set(here.filter((uid) => known.includes(uid)));
}

function placeOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** The proxies that istiods tell of, as `namespace/name`; undefined where none of them answers. */
function proxiesOf(
  asked: readonly Facts['status']['from'][],
): Readonly<Record<'synced' | 'connected', ReadonlySet<string>>> | undefined {
  const answers = asked.filter((answer) => answer?.readable === true);
  const proxies = answers.flatMap(({ proxies: all }) => all);
  return answers.length === 0
    ? undefined
    : {
        synced: new Set(proxies.filter(({ sync }) => sync === 'synced').map(placeOf)),
        connected: new Set(proxies.map(placeOf)),
      };
}

/**
 * Of workloads with a proxy that was not well, those that are not all well by now, as far as istiods answer and pods are there
 * to tell.
 */
function stillSo({ pods }: Mesh, known: readonly string[], well: ReadonlySet<string> | undefined): string[] {
  if (well === undefined) return [...known];
  const there = pods.filter(({ terminating }) => !terminating);
  const lacking = new Set(there.filter((pod) => !well.has(placeOf(pod))).map(ownerKey));
  const mended = new Set(there.map(ownerKey).filter((owner) => !lacking.has(owner)));
  return known.filter((name) => !mended.has(name));
}

/** Workloads that are not healthy and have no pod on the canary. */
function troubledOutside(mesh: Mesh, upgrade: Upgrade, doing: Doing): string[] {
  const left = onSide(upgrade, 'from');
  const elsewhere = new Set(
    mesh.pods.filter((pod) => pod.revision !== undefined && !left(pod)).map(ownerKey),
  );
  return [...troubledBefore(mesh, doing, onSide(upgrade, 'to'), [])].filter((name) => !elsewhere.has(name));
}
