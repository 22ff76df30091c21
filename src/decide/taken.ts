import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { isServing } from '../istio/health.ts';
import { inputsAt } from '../istio/home.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { LABEL_VERSION, RECORD_NAME } from '../istio/names.ts';
import { lacksDefault, runsOn } from '../istio/scope.ts';
import { remains } from '../istio/state.ts';
import { sameRelease } from '../istio/version.ts';
import { goneSince, noWayBack } from '../istio/way-back.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';
import { leftUndone } from './left-undone.ts';
import { GONE, deletedMeanwhile, noControlPlane } from './sides.ts';

interface Pair {
  readonly from: Release;
  readonly to: Release;
}

/** Nothing is to be done, or must not be. */
export type Flaw =
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

/** What is wrong with the two control planes that a phase is about, before anything else is asked; undefined: nothing. */
export function takenFlaw(
  phase: Inputs['phase'],
  mesh: Mesh,
  { from, to }: Pair,
  record: UpgradeRecord | undefined,
): Flaw | undefined {
  const target = planeOfRevision(mesh, to.revision);
  const isEmpty = target === undefined && planeOfRevision(mesh, from.revision) === undefined;
  if (isEmpty && (from === GONE || phase !== 'rollback')) {
    if (record === undefined || record.endedAt !== undefined) return refused(noControlPlane(mesh));
    const again = record.removing === undefined ? from : to;
    const named = `version: ${to.version} and revision: ${to.revision}`;
    return refused(deletedMeanwhile(record, mesh, again, named));
  }
  if (from !== GONE && from.version === '') {
    return versionUnknown(mesh, from);
  }
  if (phase === 'rollback') return rollbackFlaw(mesh, { from, to }, record);
  const other = target?.version;
  if (other !== undefined && !sameRelease(other, to.version) && !mayInstallOver(phase, mesh, { from, to })) {
    return refused({
      id: 'revision-taken',
      severity: 'error',
      message: `revision ${to.revision} is there already, and runs ${other} instead of ${to.version}`,
      remedy:
        from === GONE || planeOfRevision(mesh, from.revision) === undefined
          ? 'Give another name with the input revision.'
          : `Roll it back first (phase: rollback, version: ${other}, revision: ${to.revision}${inputsAt(mesh)}), or give another name with the input revision.`,
    });
  }
  if (phase !== 'promote' && target !== undefined && planeOfRevision(mesh, from.revision) === undefined) {
    const isRemoving = record?.removing !== undefined && record.endedAt === undefined;
    if (isRemoving || remains(mesh, from.revision)) return refused(removalUnfinished(mesh, from.revision));
    const left = leftUndone(mesh, { from, to }, record);
    if (left.length > 0) return refused(...left);
    return {
      kind: 'nothing',
      because: `${to.version} (revision ${to.revision}) is the only control plane already`,
    };
  }
  if (phase === 'promote' && target === undefined) {
    return refused({
      id: 'no-canary',
      severity: 'error',
      message: `there is no control plane of revision ${to.revision} to promote`,
      remedy: isBeingPromoted(mesh, to, record)
        ? `Somebody has removed it while it was being promoted. Run rollback (version: ${to.version}, revision: ${to.revision}): it leads back to ${from.revision} what was moved. Then begin again with canary.`
        : 'Run canary first.',
    });
  }
  return undefined;
}

/** Promote has begun, and what it left leads to the target, or nowhere: from there canary does not go on. */
function isBeingPromoted(mesh: Mesh, { revision }: Release, record: UpgradeRecord | undefined): boolean {
  const isOpen = record?.intent === 'promote' && record.endedAt === undefined;
  return (
    (remains(mesh, revision) && (mesh.defaultInjector.includes(revision) || isOpen)) ||
    (lacksDefault(mesh) && runsOn(mesh, revision))
  );
}

/** Nobody tells which version is to be upgraded. */
export function versionUnknown(mesh: Mesh, { revision }: Pick<Release, 'revision'>): Flaw {
  return refused({
    id: 'current-version-unknown',
    severity: 'error',
    message: `nothing tells the version of istiod ${revision}: neither its image (is it pinned by digest?), nor its label ${LABEL_VERSION}, nor istiod itself, nor its proxies`,
    remedy: `Install it with a version tag, or tell it: \`kubectl label deployment ${planeOfRevision(mesh, revision)?.deployment ?? 'istiod'} -n ${mesh.istioNamespace} ${LABEL_VERSION}=VERSION\`.`,
  });
}

/** A canary of another content that nothing uses yet is installed over: to refuse it would lead in a circle (F01). */
function mayInstallOver(phase: Inputs['phase'], mesh: Mesh, { from, to }: Pair): boolean {
  const used =
    mesh.pods.some(({ revision }) => revision === to.revision) ||
    mesh.defaultInjector.includes(to.revision) ||
    mesh.namespaces.some(({ injectedBy }) => injectedBy.includes(to.revision));
  return phase !== 'promote' && planeOfRevision(mesh, from.revision) !== undefined && !used;
}

/** After the point of no return there is no way back by rollback: it would mean reinstalling. */
function rollbackFlaw(mesh: Mesh, { from, to }: Pair, record: UpgradeRecord | undefined): Flaw | undefined {
  const why = noWayBack(mesh, from.revision, record?.removing);
  if (why === undefined) return undefined;
  if (planeOfRevision(mesh, to.revision) === undefined && from !== GONE) return undefined;
  const whole = isServing(planeOfRevision(mesh, from.revision));
  const [gone] = goneSince(mesh, from.revision, record?.removing);
  return refused({
    id: 'past-point-of-no-return',
    severity: 'error',
    message: `there is nothing to roll back to${from === GONE ? '' : ` (${from.revision}, ${from.version})`}: ${why}`,
    remedy:
      whole && gone !== undefined
        ? `Finish the removal: promote with remove-old: true. If no removal ever ran (its istiod, Service and webhook are all there, and ${gone} never was), the record is wrong: \`kubectl delete configmap ${RECORD_NAME} -n ${mesh.istioNamespace}\`, then rollback with version: ${to.version}.`
        : 'To go back, install the old version beside this one by hand and move the namespaces over: docs/rollback.md says how.',
  });
}

/** Its istiod has gone, and a part of what was installed with it has not. */
function removalUnfinished({ injectors, owned }: Mesh, revision: string): Finding {
  const left = [...injectors, ...owned].filter((item) => item.revision === revision).length;
  return {
    id: 'removal-unfinished',
    severity: 'error',
    message: `istiod ${revision} was removed, and the removal has not ended${left === 0 ? '' : `: ${String(left)} objects that were installed with it are left`}`,
    remedy: 'Run promote with remove-old: true: it moves what still leads there, and takes the rest.',
  };
}

function refused(...findings: Finding[]): Flaw {
  return { kind: 'refused', findings };
}
