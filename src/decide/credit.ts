import type { Finding } from '../finding.ts';
import { attemptOf, restartMarkOf } from '../istio/restart-mark.ts';
import { type Mesh, nameOf, planeOfRevision } from '../istio/mesh.ts';
import { type Sides, isInPlace, isOfUpgrade } from '../istio/side.ts';
import { RECORD_NAME, UNREVISIONED } from '../istio/names.ts';
import { revisionFlaw } from '../istio/revision.ts';
import { goesDown } from '../istio/state-in-place.ts';
import { sameRelease, tryParseVersion, compareVersions } from '../istio/version.ts';
import { contradicts, namesOtherWay } from '../record/attempt.ts';
import type { UpgradeRecord } from '../record/record.ts';

type Seen = Pick<Mesh, 'planes' | 'istioNamespace' | 'workloads'>;

/**
 * Why the record is not believed; undefined where the cluster bears it out. Anybody who may write ConfigMaps in the Istio
 * namespace, or who restores a backup, may have written it: its sides must be in the right order and those that its attempt
 * is named after, its target must be the name of a revision that may be installed, and what is there of them must be what
 * it says (M34, M35).
 */
export function doubtOf(record: UpgradeRecord, mesh: Seen): string | undefined {
  const { from, to } = record;
  if (contradicts(record.attempt, record)) {
    return `it goes from ${from.version} to ${to.version}, and its attempt is named ${record.attempt}`;
  }
  if (isInPlace({ from, to }) && to.revision === UNREVISIONED) return doubtInPlace(record, mesh);
  const flaw = revisionFlaw(to.revision);
  if (flaw !== undefined) return `its target can't be a canary: ${flaw}`;
  if (from.revision === to.revision) return 'both its sides are the same revision';
  const [older, newer] = [tryParseVersion(from.version), tryParseVersion(to.version)];
  if (newer === undefined) return 'it does not say which version it goes to';
  if (older !== undefined && compareVersions(older, newer) >= 0) {
    return `it goes from ${from.version} to ${to.version}, and an upgrade only goes up`;
  }
  for (const { revision, version } of [from, to]) {
    const is = planeOfRevision(mesh, revision)?.version;
    if (is !== undefined && version !== '' && !sameRelease(is, version)) {
      return `it says that revision ${revision} is ${version}, and it runs ${is}`;
    }
  }
  return undefined;
}

/**
 * Of one that replaces the control plane where it is: it may go either way, and what runs is one of its two versions. Which
 * way, the restarts tell that bear its attempt's name: with its sides swapped it would make promote the way down (M34).
 */
function doubtInPlace({ from, to, attempt, intent }: UpgradeRecord, mesh: Seen): string | undefined {
  const [left, target] = [tryParseVersion(from.version), tryParseVersion(to.version)];
  if (left === undefined || target === undefined)
    return 'it does not say from which version it goes to which';
  if (compareVersions(left, target) === 0) return 'both its sides are the same version';
  const is = planeOfRevision(mesh, to.revision)?.version;
  if (is !== undefined && !sameRelease(is, from.version) && !sameRelease(is, to.version))
    return `it goes from ${from.version} to ${to.version}, and ${is} runs`;
  // A rollback restarts for either side.
  if (intent === 'rollback') return undefined;
  const [other] = mesh.workloads.filter(
    ({ restartedFor = '' }) =>
      restartedFor.startsWith(restartMarkOf(from)) && attemptOf(restartedFor) === attempt,
  );
  return other === undefined
    ? undefined
    : `it goes to ${to.version}, and ${nameOf(other)} was restarted for ${from.version} in it`;
}

/** The record, as far as it is believed, of whichever upgrade. */
export function credited(record: UpgradeRecord | undefined, mesh: Seen): UpgradeRecord | undefined {
  return record === undefined || doubtOf(record, mesh) !== undefined ? undefined : record;
}

/** The same, where it is of this upgrade: what another one has left tells neither its state nor its age. */
export function recordOfUpgrade(
  record: UpgradeRecord | undefined,
  mesh: Seen,
  sides: Sides,
): UpgradeRecord | undefined {
  const known = credited(record, mesh);
  return known !== undefined && isOfUpgrade(known, sides) ? known : undefined;
}

/**
 * In place either way is an upgrade, so a record whose sides were swapped and a slip of the input `version` could agree on the
 * wrong one. Where the attempt's name says the other, a rollback goes neither way until somebody says which (M34).
 *
 * @param record one that is not believed
 * @param sides where the run would go without it
 */
export function wayUnclear(
  { attempt }: UpgradeRecord,
  sides: Pick<UpgradeRecord, 'from' | 'to'>,
  { istioNamespace }: Seen,
): Finding[] {
  if (!isInPlace(sides) || !namesOtherWay(attempt, sides)) return [];
  const { from, to } = sides;
  const leave = goesDown({ from: to, to: from }) ? ' and allow-downgrade: true' : '';
  return [
    {
      id: 'rollback-way-unclear',
      severity: 'error',
      object: `ConfigMap ${istioNamespace}/${RECORD_NAME}`,
      message: `the input version says that the upgrade goes from ${from.version} to ${to.version}, and the attempt in the record is named ${attempt}, which goes the other way`,
      remedy: `Version names what the upgrade goes to, also in rollback. If it goes to ${from.version}, give version: ${from.version}${leave}. If it does go to ${to.version}, somebody else wrote the record: \`kubectl delete configmap ${RECORD_NAME} -n ${istioNamespace}\`, then run rollback again.`,
    },
  ];
}

/** Told in every phase: the record is then as good as lost. */
export function recordDoubted(doubt: string, { istioNamespace }: Seen): Finding {
  return {
    id: 'record-not-credible',
    severity: 'warning',
    object: `ConfigMap ${istioNamespace}/${RECORD_NAME}`,
    message: `the record does not fit the cluster, so it is not used: ${doubt}`,
    remedy: `It is stale (from a backup) or somebody else wrote it. Delete it with \`kubectl delete configmap ${RECORD_NAME} -n ${istioNamespace}\`, and give the input version: everything is told from the cluster then.`,
  };
}
