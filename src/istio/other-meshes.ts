import type { Mesh } from './mesh.ts';

/** Where control planes of other meshes are whose webhooks this cluster has: their namespaces, in words. */
export function placesOfOthers({ foreignInjectors }: Pick<Mesh, 'foreignInjectors'>): string[] {
  return [...new Set(foreignInjectors.map(({ istioNamespace }) => istioNamespace ?? 'another cluster'))];
}
