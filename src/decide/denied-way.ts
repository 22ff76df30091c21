import type { Finding } from '../finding.ts';
import { type Mesh, type Workload, nameOf, planeOfRevision } from '../istio/mesh.ts';
import { RECORD_NAME } from '../istio/names.ts';
import { attemptOf, restartMarkOf } from '../istio/restart-mark.ts';
import type { Sides } from '../istio/side.ts';
import { goesDown, runs } from '../istio/state-in-place.ts';
import { sameRelease } from '../istio/version.ts';
import { namesOtherWay, namesTarget, namesWay, originOf } from '../record/attempt.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';

/** Where upgrades to a release came from, as the restarts for it say: each release, with a workload that says so. */
export function originsOf({ workloads }: Mesh, to: Release): ReadonlyMap<string, Workload> {
  const marked = workloads.filter(({ restartedFor = '' }) => restartedFor.startsWith(restartMarkOf(to)));
  return new Map(
    marked.flatMap((workload) => {
      const origin = originOf(attemptOf(workload.restartedFor ?? '') ?? '', to);
      return origin === undefined ? [] : [[origin, workload] as const];
    }),
  );
}

/**
 * In place either way is an upgrade, so a rollback that is told the version to go back to would have the rest of the mesh
 * upgraded, and say that all is as before. Where no record is of the upgrade that the input names, what is left of others
 * denies it: a record that came from there, or restarts that went there or back by another one. And where the target runs,
 * it came from what its restarts name: proxies of another release may be what an older upgrade has left behind.
 *
 * @param sides where the rollback would come from, if the input is right
 * @param record one that is believed, of another upgrade
 */
export function wayDenied(mesh: Mesh, sides: Sides, record: UpgradeRecord | undefined): Finding[] {
  const { from, to } = sides;
  if (record !== undefined && sameRelease(record.from.version, to.version))
    return [
      unclear(sides, {
        object: `ConfigMap ${mesh.istioNamespace}/${RECORD_NAME}`,
        message: `the input version says that the upgrade goes to ${to.version}, and the one in the record goes from there to ${record.to.version}`,
        remedy: `leave version out, or give version: ${record.to.version}`,
      }),
    ];
  if (runs(planeOfRevision(mesh, to.revision), to.version)) {
    const origins = originsOf(mesh, to);
    if (origins.size > 0 && !origins.has(from.version)) return [cameFromElsewhere(sides, origins)];
  }
  const marked = mesh.workloads
    .filter(({ restartedFor = '' }) => restartedFor.startsWith(`${to.revision}@`))
    .map((workload) => ({ workload, attempt: attemptOf(workload.restartedFor ?? '') ?? '' }));
  if (marked.some(({ attempt }) => namesWay(attempt, sides))) return [];
  const other = marked.find(
    ({ attempt }) => namesOtherWay(attempt, sides) || (goesDown(sides) && namesTarget(attempt, to)),
  );
  if (other === undefined) return [];
  return [
    unclear(sides, {
      object: nameOf(other.workload),
      message: `the input version says that the upgrade goes from ${from.version} to ${to.version}, and this workload was restarted in another, ${other.attempt}`,
      remedy: `give version: ${from.version}${leaveFor(sides)}`,
    }),
  ];
}

function cameFromElsewhere({ from, to }: Sides, origins: ReadonlyMap<string, Workload>): Finding {
  const [object] = [...origins.values()].map(nameOf);
  const named = [...origins.keys()];
  const leave = leaveFor({ from, to });
  const either = [...named, from.version].map((version) => `version: ${version}${leave}`).join(', or ');
  return {
    id: 'rollback-way-unclear',
    severity: 'error',
    ...(object === undefined ? {} : { object }),
    message: `it was restarted in an upgrade from ${named.join(' or ')} to ${to.version}, and the proxies that are not of ${to.version} are of ${from.version}: without a record nothing says which ran before`,
    remedy: `Find out which ran before ${to.version}, and go back to it by canary and promote: ${either}.`,
  };
}

function unclear(
  sides: Sides,
  { object, message, remedy }: Record<'object' | 'message' | 'remedy', string>,
): Finding {
  const { from, to } = sides;
  return {
    id: 'rollback-way-unclear',
    severity: 'error',
    object,
    message,
    remedy: `Version names what the upgrade goes to, also in rollback: ${remedy}. If an upgrade did go from ${from.version} to ${to.version}, go back by canary and promote, with version: ${from.version}${leaveFor(sides)}.`,
  };
}

/** What the way that goes from the target back asks for. */
function leaveFor({ from, to }: Sides): string {
  return goesDown({ from: to, to: from }) ? ' and allow-downgrade: true' : '';
}
