import type { Cluster, Permission } from '../cluster/cluster.ts';
import { describePermission, missingPermissions } from '../steps/permissions.ts';
import type { Finding } from '../finding.ts';
import { firstOf } from '../istio/first-of.ts';
import { TASKS, type Task, permissionsFor } from './permissions.ts';

/** So many permissions are named one by one. */
const NAMED = 5;
const READS = ['get', 'list', 'watch'];

/** What the credential that asks may not do of what the other phases do. */
export interface Foresight {
  readonly findings: readonly Finding[];
  /** Resources of which it may or need not create objects: what `istioctl x precheck` says of them is nothing new. */
  readonly notCreatable: ReadonlySet<string>;
}

/**
 * Asks, by access reviews, which of the other phases would be refused with this credential. That is all that can be
 * known: of the credentials that these phases will have nothing is said. A credential that changes nothing at all is a
 * viewer, and lacks nothing that it should have (T19).
 */
export async function foreseePermissions(cluster: Cluster, istioNamespace: string): Promise<Foresight> {
  const mine = new Set(permissionsFor('precheck', istioNamespace).map(describePermission));
  const needs = TASKS.filter((task) => task !== 'precheck').map(
    (task) =>
      [
        task,
        permissionsFor(task, istioNamespace).filter((item) => !mine.has(describePermission(item))),
      ] as const,
  );
  const all = new Map(needs.flatMap(([, items]) => items.map((item) => [describePermission(item), item])));
  const missing = await missingPermissions(cluster, [...all.values()]);
  const lacks = new Set(missing.map(describePermission));
  const changes = [...all.values()].filter(({ verb }) => !READS.includes(verb));
  const isViewer = changes.every((item) => lacks.has(describePermission(item)));
  return {
    findings: isViewer
      ? [onlyLooks(changes.length)]
      : needs.flatMap(([task, items]) =>
          wouldBeRefused(
            task,
            items.filter((item) => lacks.has(describePermission(item))),
          ),
        ),
    notCreatable: new Set([
      // istioctl would make Istio's namespace; it is there.
      'namespaces',
      ...missing.filter(({ verb }) => verb === 'create').map(({ resource }) => resource),
    ]),
  };
}

function onlyLooks(changes: number): Finding {
  return {
    id: 'install-permission-missing',
    severity: 'info',
    message: `this credential only looks: it has none of the ${String(changes)} permissions by which the other phases change something. Whether their credentials have them can't be seen with this one`,
    remedy:
      'Nothing, for a nightly precheck. Run precheck with the credential of each phase, too, before the upgrade.',
  };
}

function wouldBeRefused(task: Task, missing: readonly Permission[]): Finding[] {
  if (missing.length === 0) return [];
  return [
    {
      id: 'phase-permission-missing',
      severity: 'info',
      message: `with this credential ${task === 'remove-old' ? 'promote with remove-old' : task} would be refused: it may not ${firstOf(missing.map(describePermission), NAMED)}`,
      remedy: `If ${task} has a credential of its own, run precheck with that one. Else grant roles/${task}.yaml.`,
    },
  ];
}
