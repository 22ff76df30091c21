import type { ApiGateway } from './api-gateway.ts';
import type { Mesh } from './mesh.ts';

/** The names of namespaces that are being deleted: no pod is born there, and all that is in them ends by itself (M41). */
export function leavingNamespaces({ namespaces }: Pick<Mesh, 'namespaces'>): ReadonlySet<string> {
  return new Set(namespaces.filter(({ terminating }) => terminating).map(({ name }) => name));
}

/** Gateways that are not being deleted, neither alone nor with their namespace. */
export function lastingGateways(mesh: Pick<Mesh, 'apiGateways' | 'namespaces'>): ApiGateway[] {
  const leaving = leavingNamespaces(mesh);
  return mesh.apiGateways.filter(({ terminating, namespace }) => !terminating && !leaving.has(namespace));
}

/** The mesh without what would make pods and is being deleted. Pods stay in it: each is there until it has ended. */
export function lasting(mesh: Mesh): Mesh {
  const leaving = leavingNamespaces(mesh);
  const stays = ({ namespace }: { readonly namespace: string }): boolean => !leaving.has(namespace);
  return {
    ...mesh,
    namespaces: mesh.namespaces.filter(({ terminating }) => !terminating),
    workloads: mesh.workloads.filter(stays),
    makers: mesh.makers.filter(stays),
    byHand: (mesh.byHand ?? []).filter(stays),
    apiGateways: lastingGateways(mesh),
  };
}
