import type { Moves } from './bound-configuration.ts';
import { leavingNamespaces } from './lasting.ts';
import type { Mesh } from './mesh.ts';
import { type Scope, covers, meshNamespaces, takenNamespaces } from './scope.ts';
import { type Sides, onSide } from './side.ts';

/** The namespaces of a mesh that have, or are to have, proxies. */
function inMesh(mesh: Mesh): string[] {
  return [
    ...meshNamespaces(mesh).map(({ name }) => name),
    ...[
      ...mesh.workloads,
      ...mesh.apiGateways,
      ...mesh.installedGateways,
      ...mesh.pods.filter(({ revision }) => revision !== undefined),
    ].map(({ namespace }) => namespace),
  ];
}

/**
 * Where proxies are on the target once a phase is through, and where others of the mesh would follow.
 *
 * @param part of the mesh alone is moved: what the canary is about; undefined for all of it
 * @param withGateways the gateways that istioctl installed go along
 */
export function reachOf(
  mesh: Mesh,
  sides: Sides,
  part: Scope | undefined,
  withGateways: boolean,
): Pick<Moves, 'moved' | 'later' | 'foreign'> {
  const leaving = leavingNamespaces(mesh);
  const all = new Set(inMesh(mesh).filter((name) => !leaving.has(name)));
  const there = onSide(sides, 'to');
  const moved =
    part === undefined
      ? all
      : new Set(
          [
            ...part.namespaces,
            ...takenNamespaces(mesh, sides.to.revision).map(({ name }) => name),
            ...[
              ...mesh.workloads.filter((workload) => covers(part, workload)),
              ...mesh.pods.filter(there),
              ...(withGateways ? mesh.installedGateways : []),
            ].map(({ namespace }) => namespace),
          ].filter((name) => all.has(name)),
        );
  return {
    moved,
    later: new Set([...all].filter((name) => !moved.has(name))),
    foreign: new Set(
      mesh.namespaces
        .filter(({ name, foreign }) => foreign.length > 0 && !all.has(name))
        .map(({ name }) => name),
    ),
  };
}
