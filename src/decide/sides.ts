import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { type ControlPlane, type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { LABEL_REVISION, UNREVISIONED } from '../istio/names.ts';
import { deriveRevision } from '../istio/revision.ts';
import { isMoved } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { remains } from '../istio/state.ts';
import { compareVersions, isOlder, parseVersion, sameRelease, tryParseVersion } from '../istio/version.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';

/** A side that can't be told any more: no object has this name, so nothing is found to be done to it. */
export const GONE: Release = { revision: '(gone)', version: '' };

/** What the run is about, or why that can't be told. */
export type Sides =
  | { readonly kind: 'sides'; readonly from: Release; readonly to: Release }
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

type Wanted = Pick<Inputs, 'phase' | 'version' | 'revision' | 'revisionGiven'>;

/**
 * Where an upgrade comes from and where it goes: from inputs, mesh and record, in this order of weight. It always goes
 * from an older version to a newer one, in every phase (M01): a rollback is told the version that the upgrade goes to.
 *
 * @param record one that the cluster bears out; undefined where there is none
 */
export function sidesOf(inputs: Wanted, mesh: Mesh, record: UpgradeRecord | undefined): Sides {
  const to = targetOf(inputs, mesh, record);
  if (to === undefined) return withoutTarget(inputs, mesh);
  if (to.revision === UNREVISIONED)
    return record !== undefined && isInPlace(record) ? byInPlace(to) : theOlder(to, mesh, inputs.phase);
  if (record !== undefined && record.to.revision !== to.revision && isUnderWay(record, mesh)) {
    return otherUnderWay(record, to, mesh);
  }
  const from = sourceOf(mesh, record?.to.revision === to.revision ? record : undefined, to);
  if (from === GONE || from.version === '') return { kind: 'sides', from, to };
  const [older, newer] = [tryParseVersion(from.version), parseVersion(to.version)];
  const goesUp = older === undefined || compareVersions(older, newer) < 0;
  // precheck and canary are told by the check of the versions, with more words.
  return goesUp || inputs.phase === 'precheck' || inputs.phase === 'canary'
    ? { kind: 'sides', from, to }
    : theOlder(to, mesh, inputs.phase);
}

/**
 * Whether there is something to finish or to roll back. With the target alone left there is not: the old control plane may
 * have been removed by hand, as Istio's documents end a canary upgrade.
 */
function isUnderWay({ from, to, endedAt, intent }: UpgradeRecord, mesh: Mesh): boolean {
  const isThrough = !remains(mesh, from.revision) && planeOfRevision(mesh, to.revision) !== undefined;
  // A rollback is not over with its canary gone: it still looks whether all is back, where there is something to be back on.
  const isGoingBack = intent === 'rollback' && planeOfRevision(mesh, from.revision) !== undefined;
  return endedAt === undefined && !isThrough && (remains(mesh, to.revision) || isGoingBack);
}

/**
 * The revision that was given or derived; a canary under another name is found by its version where no name was given. The
 * name that one had which has ended and gone is nothing to a new one.
 */
function targetOf(
  { phase, version, revision, revisionGiven }: Wanted,
  mesh: Mesh,
  record: UpgradeRecord | undefined,
): Release | undefined {
  if (version !== undefined && revision !== undefined) {
    const derived = revisionGiven !== true && revision === deriveRevision(parseVersion(version));
    const begins = phase === 'precheck' || phase === 'canary';
    const isNamed =
      record?.to.version === version &&
      (!begins || record.endedAt === undefined || remains(mesh, record.to.revision));
    if (derived && isNamed) return record.to;
    if (!derived || planeOfRevision(mesh, revision) !== undefined) return { version, revision };
    const [named, ...others] = mesh.planes.filter((plane) => runs(plane, version));
    return named === undefined ||
      others.length > 0 ||
      (mesh.planes.length === 1 && named.revision === UNREVISIONED)
      ? { version, revision }
      : { version, revision: named.revision };
  }
  if (revision !== undefined) {
    if (record?.to.revision === revision) return record.to;
    const is = planeOfRevision(mesh, revision)?.version;
    return is === undefined ? undefined : { revision, version: is };
  }
  return record?.to;
}

function runs({ version }: ControlPlane, wanted: string): boolean {
  return version !== undefined && sameRelease(version, wanted);
}

function sourceOf(mesh: Mesh, record: UpgradeRecord | undefined, to: Release): Release {
  const others = mesh.planes.filter(({ revision }) => revision !== to.revision);
  if (record !== undefined && (record.endedAt === undefined || others.length === 0)) {
    if (others.length === 0 || others.some(({ revision }) => revision === record.from.revision))
      return record.from;
  }
  const [byDefault] = mesh.defaultInjector;
  const older = others.filter(({ version = '' }) => isOlder(version, to.version));
  const among = older.length > 0 ? older : others;
  const plane = among.find(({ revision }) => revision === byDefault) ?? among[0];
  return plane === undefined ? GONE : { revision: plane.revision, version: plane.version ?? '' };
}

function withoutTarget({ phase, revision }: Wanted, mesh: Mesh): Sides {
  if (mesh.planes.length === 0) return refused(noControlPlane(mesh));
  const orphan = orphaningRelease(mesh);
  if (
    phase === 'rollback' &&
    mesh.planes.length === 1 &&
    orphan === undefined &&
    !mesh.namespaces.some((item) => isMoved(item, item.labels[LABEL_REVISION] ?? ''))
  ) {
    return { kind: 'nothing', because: 'there is no upgrade to roll back' };
  }
  const candidates = byVersion(mesh.planes);
  const newest = candidates.at(-1);
  const named = candidates.map(
    ({ revision: name, version = 'version unknown' }) => `${version} (revision ${name})`,
  );
  return refused({
    id: 'target-unknown',
    severity: 'error',
    message: `which version this upgrade goes to can't be told: ${revision === undefined ? 'the cluster has no record of it that can be used' : `there is no control plane of revision ${revision}`}. There ${named.length === 1 ? 'is' : 'are'} ${named.join(' and ')}${orphan === undefined ? '' : `; pods run on ${orphan.revision}, which is not there any more`}`,
    remedy:
      orphan !== undefined
        ? `Give version: ${orphan.version} and revision: ${orphan.revision}, if the upgrade went there.`
        : newest?.version !== undefined &&
            candidates.length === 2 &&
            newest.revision !== UNREVISIONED &&
            isOlder(candidates[0]?.version ?? '', newest.version)
          ? `Give version: ${newest.version} (and revision: ${newest.revision}), if the upgrade goes to the newer of the two.`
          : 'Give the input version: the one that the upgrade goes to (and revision, if the canary got a name of its own).',
  });
}

/** Of pods whose control plane is not there and was newer than one that is: an upgrade of which nothing else is left. */
function orphaningRelease(mesh: Mesh): Release | undefined {
  for (const { revision, version = '', terminating } of mesh.pods) {
    if (revision === undefined || terminating || planeOfRevision(mesh, revision) !== undefined) continue;
    if (tryParseVersion(version) === undefined) continue;
    if (mesh.planes.some((plane) => isOlder(plane.version ?? '', version))) return { revision, version };
  }
  return undefined;
}

/** Oldest first; those that don't tell their version last. */
function byVersion(planes: readonly ControlPlane[]): ControlPlane[] {
  return [...planes].sort((a, b) => {
    const [first, second] = [tryParseVersion(a.version ?? ''), tryParseVersion(b.version ?? '')];
    if (first === undefined || second === undefined)
      return first === second ? 0 : first === undefined ? -1 : 1;
    return compareVersions(first, second);
  });
}

/** Promise: an upgrade goes up, and what is newer is never rolled back onto what is older by a slip of the input (M01). */
function theOlder(to: Release, mesh: Mesh, phase: Wanted['phase']): Sides {
  const newest = byVersion(mesh.planes.filter(({ revision }) => revision !== to.revision)).at(-1);
  const other = newest?.version;
  // One without a revision is no target either: to name it would lead in a circle.
  const isMeant = other !== undefined && newest?.revision !== UNREVISIONED && isOlder(to.version, other);
  return refused({
    id: 'target-not-newer',
    severity: 'error',
    message:
      to.revision === UNREVISIONED
        ? `${to.version} is the control plane without a revision, and a canary always has one`
        : `${to.version} (revision ${to.revision}) is not the newer of the control planes, so no upgrade goes to it${newest === undefined ? '' : `; the other one is ${newest.version ?? 'of unknown version'} (revision ${newest.revision})`}`,
    remedy: `The input version names the version that the upgrade goes to, also in ${phase}${isMeant ? `: give version: ${other}.` : `. If ${newest?.revision ?? 'the other control plane'} was upgraded by hand since, no phase goes on from there: move what is on the one over to the other by hand, docs/rollback.md says how.`}`,
  });
}

/** It is over, or the strategy would have been refused by itself. */
function byInPlace({ version }: Release): Sides {
  return refused({
    id: 'target-not-newer',
    severity: 'error',
    message: `${version} is the control plane without a revision: the upgrade to it was by strategy: in-place`,
    remedy: 'Give strategy: in-place, to look at that upgrade again or to roll it back.',
  });
}

function otherUnderWay(active: UpgradeRecord, to: Release, mesh: Mesh): Sides {
  const named = `version: ${active.to.version} and revision: ${active.to.revision}`;
  return refused({
    id: 'other-upgrade-under-way',
    severity: 'error',
    message: `an upgrade to ${active.to.version} (revision ${active.to.revision}) is under way, and this run is about ${to.version} (${to.revision})`,
    remedy:
      active.intent !== 'rollback' &&
      planeOfRevision(mesh, active.from.revision) === undefined &&
      planeOfRevision(mesh, active.to.revision) !== undefined
        ? `Finish it with promote (${named}, remove-old: true), before the next begins.`
        : beforeTheNext(active, named),
  });
}

/**
 * What ends an upgrade that is under way: no other phase goes on from a rollback that has begun.
 *
 * @param named the inputs that are about it
 */
export function beforeTheNext({ intent }: Pick<UpgradeRecord, 'intent'>, named: string): string {
  return intent === 'rollback'
    ? `Run rollback again, with ${named}: it goes on where it stopped.`
    : `Finish it, or roll it back with ${named}, before the next begins.`;
}

/** Another namespace may have been meant. */
export function noControlPlane({ istioNamespace }: Mesh): Finding {
  return {
    id: 'no-control-plane',
    severity: 'error',
    message: `there is no istiod in namespace ${istioNamespace}`,
    remedy:
      'Give the input istio-namespace if Istio lives elsewhere. This Action upgrades a mesh, it does not install the first one.',
  };
}

/**
 * Somebody has deleted every istiod while an upgrade was under way.
 *
 * @param again the one to be installed again, so that a phase goes on
 * @param named the inputs that are about the upgrade
 */
export function deletedMeanwhile(
  { from, to, intent }: UpgradeRecord,
  mesh: Mesh,
  { version, revision }: Release,
  named: string,
): Finding {
  const none = noControlPlane(mesh);
  const its = revision === UNREVISIONED ? '' : ` (revision ${revision})`;
  return {
    ...none,
    message: `${none.message}, and an upgrade from ${from.version} to ${to.version} is under way: somebody has deleted it since`,
    remedy: `Install ${version}${its} with its own istioctl and the same config and set. Then run ${intent === 'rollback' ? 'rollback again' : 'the phase again, or rollback'}, with ${named}.`,
  };
}

function refused(...findings: Finding[]): Sides {
  return { kind: 'refused', findings };
}
