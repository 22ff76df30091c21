import type { Finding } from '../finding.ts';
import { labelling } from '../istio/immovable.ts';
import { type Mesh, nameOf } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { ownerKey } from '../istio/moves.ts';
import { isHealthy } from '../istio/rollout.ts';
import { isOnly, lacksDefault, namesGone } from '../istio/scope.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';

interface Pair {
  readonly from: Release;
  readonly to: Release;
}

/**
 * What of a mesh is not on its only control plane, although an upgrade led there: the old one was removed by hand before promote
 * was through. Only what promote gets on with, and labels that name what was removed: what is broken otherwise was so before.
 *
 * @param record of this upgrade
 */
export function leftUndone(mesh: Mesh, { from, to }: Pair, record: UpgradeRecord | undefined): Finding[] {
  const promote = `promote (version: ${to.version}, revision: ${to.revision})`;
  const why = [
    ...(record !== undefined && record.endedAt === undefined && record.promotedAt === undefined
      ? ['the upgrade to it was begun, and promote has not ended']
      : []),
    ...(movesDefault(mesh, { from, to }) ? defaultElsewhere(mesh, to.revision) : []),
    ...podsElsewhere(mesh, to.revision),
  ];
  const named = mesh.namespaces.filter((namespace) => namesGone(namespace, from.revision));
  return [
    ...named.map(({ name }): Finding => ({
      id: 'removal-unfinished',
      severity: 'error',
      object: `Namespace ${name}`,
      message: `its label chooses ${from.revision}, which was removed: new pods come without a sidecar`,
      remedy: `Label it for the control plane that is there (\`${labelling(name, to.revision)}\`), then run ${promote}: it restarts what has no proxy of it.`,
    })),
    ...(why.length === 0
      ? []
      : [
          {
            id: 'removal-unfinished',
            severity: 'error' as const,
            message: `${to.version} (revision ${to.revision}) is the only control plane, and the mesh is not all on it: ${why.join('; ')}`,
            remedy: `Run ${promote}: it moves what is left.`,
          },
        ]),
  ];
}

function defaultElsewhere(mesh: Mesh, revision: string): string[] {
  const { defaultInjector, defaultValidator = revision } = mesh;
  if (lacksDefault(mesh)) return ['nobody injects what follows the default'];
  const leads = [...defaultInjector, defaultValidator].filter((name) => name !== revision);
  return leads.length === 0 ? [] : [`the default leads to ${[...new Set(leads)].join(' and ')}`];
}

/** Those that a restart takes there: the others have to be led there first, and what is broken is left alone. */
function podsElsewhere({ pods, workloads }: Mesh, revision: string): string[] {
  const well = new Set(workloads.filter(({ rollout }) => isHealthy(rollout)).map(nameOf));
  const behind = pods.filter(
    (pod) =>
      pod.revision !== undefined &&
      pod.revision !== revision &&
      !pod.terminating &&
      !pod.accepted &&
      isOnly(pod.injectedBy, revision) &&
      well.has(ownerKey(pod)),
  );
  const [first] = behind;
  return first === undefined
    ? []
    : [
        `${String(behind.length)} pod${behind.length === 1 ? ' runs' : 's run'} on ${[...new Set(behind.map((pod) => pod.revision))].join(' and ')}, such as ${first.namespace}/${first.name}`,
      ];
}
