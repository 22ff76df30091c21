import { NOTHING_BEFORE, stillTroubled } from '../istio/before.ts';
import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { istioctlAt } from '../istio/home.ts';
import { type ControlPlane, type Mesh, planeOfRevision, userTags } from '../istio/mesh.ts';
import { UNREVISIONED } from '../istio/names.ts';
import { attemptOf, restartMarkOf } from '../istio/restart-mark.ts';
import { runs, stateInPlace } from '../istio/state-in-place.ts';
import { compareVersions, isOlder, parseVersion, releaseOf, sameRelease } from '../istio/version.ts';
import { namesTarget } from '../record/attempt.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';
import { originsOf, wayDenied } from './denied-way.ts';
import { type Sides, beforeTheNext, deletedMeanwhile, noControlPlane } from './sides.ts';

type Wanted = Pick<Inputs, 'phase' | 'version' | 'allowDowngrade'>;

/**
 * Where an upgrade in place comes from and where it goes: both sides are the one control plane without a revision, and
 * differ by version. The version that runs tells the one side or the other; where it is the target's already, the record
 * says what was there before, else what the proxies that were not restarted yet still are.
 *
 * @param record one that the cluster bears out; undefined where there is none
 */
export function sidesInPlace(inputs: Wanted, mesh: Mesh, record: UpgradeRecord | undefined): Sides {
  const plane = planeOfRevision(mesh, UNREVISIONED);
  const active = record?.endedAt === undefined ? record : undefined;
  if (plane === undefined && active !== undefined) {
    const { from, to } = active;
    // Every phase goes on from the newer of both: no proxy is newer than it (H40).
    const newer = isOlder(to.version, from.version) ? from : to;
    return refused(deletedMeanwhile(active, mesh, newer, `version: ${to.version}`));
  }
  const inTheWay = inputs.phase === 'rollback' && plane !== undefined ? [] : revisionsInUse(mesh, record);
  if (inTheWay.length > 0) return { kind: 'refused', findings: inTheWay };
  if (plane === undefined) return refused(noControlPlane(mesh));
  const version = inputs.version ?? record?.to.version;
  if (version === undefined) return withoutTarget(inputs, mesh);
  if (active !== undefined && !sameRelease(active.to.version, version) && isUnderWay(active, mesh)) {
    return refused(otherUnderWay(active, version));
  }
  const to: Release = { revision: UNREVISIONED, version };
  const mine = record !== undefined && sameRelease(record.to.version, version) ? record : undefined;
  if (mine !== undefined && mine.endedAt === undefined) return { kind: 'sides', from: mine.from, to };
  if (!runs(plane, version) && mine === undefined && isWrongWay(inputs, plane, version))
    return refused(targetNotNewer(plane, version, record));
  const found: Sides = !runs(plane, version)
    ? { kind: 'sides', from: releaseOfPlane(plane), to }
    : mine !== undefined
      ? { kind: 'sides', from: mine.from, to }
      : fromProxies(inputs, mesh, to);
  if (found.kind !== 'sides' || mine !== undefined || inputs.phase !== 'rollback') return found;
  const denied = wayDenied(mesh, found, record);
  return denied.length === 0 ? found : refused(...denied);
}

/**
 * A rollback of what no record knows to be a downgrade: who names the version to go back to, instead of the one that the
 * upgrade goes to, would have the rest of the mesh upgraded, and be told that all is as before.
 */
function isWrongWay({ phase, allowDowngrade }: Wanted, plane: ControlPlane, version: string): boolean {
  return phase === 'rollback' && !allowDowngrade && isOlder(version, plane.version ?? '');
}

function targetNotNewer(
  { version: is = '' }: ControlPlane,
  version: string,
  record: UpgradeRecord | undefined,
): Finding {
  return {
    id: 'target-not-newer',
    severity: 'error',
    message: `${version} is older than ${is}, which runs, and the cluster has no record of a downgrade to it`,
    remedy: `The input version names the version that the upgrade goes to, also in rollback: give version: ${is}${record === undefined ? '' : ', or leave it out'}. To roll back a downgrade to ${version} whose record was lost, give allow-downgrade: true.`,
  };
}

function releaseOfPlane({ revision, version = '' }: ControlPlane): Release {
  return { revision, version };
}

/**
 * The target runs already, and no record says what was there before: the proxies that were not restarted do, as far as their
 * release is one step away and on the right side. What may stay, or was left behind by an earlier upgrade, says nothing.
 */
function fromProxies({ phase, allowDowngrade }: Wanted, mesh: Mesh, to: Release): Sides {
  const releases = mesh.pods.flatMap(({ revision, version, terminating, accepted }) =>
    revision !== to.revision ||
    terminating ||
    accepted ||
    version === undefined ||
    sameRelease(version, to.version)
      ? []
      : (releaseOf(version) ?? []),
  );
  const left = [...new Set(releases)].sort((a, b) => compareVersions(parseVersion(a), parseVersion(b)));
  const nearest = left.filter((version) => mayPrecede(version, to.version, allowDowngrade)).at(-1);
  if (phase === 'rollback' && (left.length !== 1 || nearest === undefined))
    return refused(wayBackUnknown(to, left));
  if (nearest === undefined) {
    const others =
      left.length === 0
        ? 'every proxy is of it'
        : `what is left of ${left.join(' and ')} is of no upgrade to it`;
    return { kind: 'nothing', because: `${to.version} runs already, and ${others}` };
  }
  // A rollback may be told by the record that this run writes; without one it asks the restarts itself.
  const [named, ...others] = phase === 'rollback' ? [] : originsOf(mesh, to).keys();
  const isToldByRestarts =
    named !== undefined && others.length === 0 && mayPrecede(named, to.version, allowDowngrade);
  return { kind: 'sides', from: { revision: to.revision, version: isToldByRestarts ? named : nearest }, to };
}

/** Whether an upgrade in place leads from a release to another: one minor at most, and up, where a downgrade is not asked for. */
function mayPrecede(version: string, target: string, allowDowngrade: boolean): boolean {
  const [one, other] = [parseVersion(version), parseVersion(target)];
  const isStep = one.major === other.major && Math.abs(one.minor - other.minor) <= 1;
  return isStep && (allowDowngrade || isOlder(version, target));
}

function withoutTarget({ phase }: Wanted, mesh: Mesh): Sides {
  const plane = planeOfRevision(mesh, UNREVISIONED);
  const other = mesh.pods.some(
    ({ revision, version }) =>
      revision === UNREVISIONED && version !== undefined && !runs(plane, version) && plane !== undefined,
  );
  if (phase === 'rollback' && !other && !isUpgraded(mesh, plane))
    return { kind: 'nothing', because: 'there is no upgrade to roll back' };
  return refused({
    id: 'target-unknown',
    severity: 'error',
    message: `which version this upgrade goes to can't be told: the cluster has no record of it that can be used. istiod is ${plane?.version ?? 'of unknown version'}`,
    remedy: 'Give the input version: the one that the upgrade goes to, also in rollback.',
  });
}

/** Whether restarts tell of an upgrade to what runs: its record is lost, and there is something to roll back all the same. */
function isUpgraded({ workloads }: Mesh, plane: ControlPlane | undefined): boolean {
  if (plane === undefined) return false;
  const to = releaseOfPlane(plane);
  return workloads.some(({ restartedFor = '' }) => {
    return restartedFor.startsWith(restartMarkOf(to)) && namesTarget(attemptOf(restartedFor) ?? '', to);
  });
}

/** One that is complete by what is seen is over, whether or not promote has closed its record. */
function isUnderWay(active: UpgradeRecord, mesh: Mesh): boolean {
  const state = stateInPlace(mesh, { ...active, intent: 'canary' }, active, {
    ...NOTHING_BEFORE,
    troubled: new Set(stillTroubled(mesh, active.troubled ?? [])),
  });
  if (state === 'completed') return false;
  const begun =
    runs(planeOfRevision(mesh, UNREVISIONED), active.to.version) ||
    mesh.pods.some(({ version }) => version !== undefined && sameRelease(version, active.to.version));
  return begun || active.intent === 'rollback';
}

/** Whoever has revisions or tags has the other strategy, which leaves a way back that works while both are there (H08). */
function revisionsInUse(mesh: Mesh, record: UpgradeRecord | undefined): Finding[] {
  // The other strategy is refused while an upgrade in place is under way.
  const isOpen = record !== undefined && record.endedAt === undefined;
  const remedy = isOpen
    ? 'An upgrade in place is under way: roll it back (rollback with strategy: in-place), which this does not stop.'
    : 'Use strategy: revision. It sets the new control plane beside this one, moves namespaces and tags, and goes back without a gap.';
  return [
    ...mesh.planes
      .filter(({ revision }) => revision !== UNREVISIONED)
      .map(({ revision, deployment }) => ({
        id: 'revisions-in-use',
        severity: 'error' as const,
        object: `Deployment ${mesh.istioNamespace}/${deployment}`,
        message: `a control plane of revision ${revision}: an upgrade in place replaces the only control plane, which has no revision`,
        remedy,
      })),
    ...userTags(mesh).map(({ tag, revision, webhook }) => ({
      id: 'revisions-in-use',
      severity: 'error' as const,
      object: `MutatingWebhookConfiguration ${webhook}`,
      message: `the revision tag ${tag} leads to ${revision}: an upgrade in place is for meshes without revision tags`,
      remedy: `${remedy} Or take the tag away (${istioctlAt(mesh, `tag remove ${tag}`)}), if nothing follows it.`,
    })),
  ];
}

function otherUnderWay(active: UpgradeRecord, version: string): Finding {
  const { from, to } = active;
  return {
    id: 'other-upgrade-under-way',
    severity: 'error',
    message: `an upgrade in place from ${from.version} to ${to.version} is under way, and this run is about ${version}`,
    remedy: beforeTheNext(active, `version: ${to.version}`),
  };
}

function wayBackUnknown({ version }: Release, left: readonly string[]): Finding {
  return {
    id: 'way-back-unknown',
    severity: 'error',
    message: `which version ran before ${version} can't be told: the cluster has no record of it that can be used, and ${left.length === 0 ? `every proxy is of ${version}` : `there are proxies of ${left.join(' and ')}`}`,
    remedy:
      'To go back all the same, run canary with version: OLD and allow-downgrade: true, then promote, with the same config.',
  };
}

function refused(...findings: Finding[]): Sides {
  return { kind: 'refused', findings };
}
