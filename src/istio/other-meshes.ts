import type { Injector } from './injection.ts';
import type { Mesh } from './mesh.ts';

/** Where the control plane of another mesh is, as words of a sentence. */
export function placeOf({ istioNamespace }: Pick<Injector, 'istioNamespace'>): string {
  return istioNamespace ?? 'another cluster';
}

/** Where control planes of other meshes are whose webhooks this cluster has: their namespaces, in words. */
export function placesOfOthers({ foreignInjectors }: Pick<Mesh, 'foreignInjectors'>): string[] {
  return [...new Set(foreignInjectors.map(placeOf))];
}
