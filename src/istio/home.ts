import { dialectOfText } from './dialect.ts';
import type { Mesh } from './mesh.ts';
import { DEFAULT_NAMESPACE } from './revision.ts';

/** Where a mesh lives: what a person is told to do has to be done there, and not to the one in istio-system. */
export type Home = Pick<Mesh, 'istioNamespace'>;

/**
 * A command of istioctl as a person runs it. It looks in istio-system unless it is told, as `src/istioctl/argv.ts` tells it.
 *
 * @param command what follows `istioctl`
 */
export function istioctlAt(home: Home, command: string): string {
  return `istioctl ${command}${elsewhere(home, (namespace) => ` --istioNamespace ${namespace}`)}`;
}

/** Whether a tag that `istioctl tag set` of a release writes asks the istiod of this mesh; true where it has no tags at all. */
export function setsTagsAt({ istioNamespace }: Home, version: string): boolean {
  const dialect = dialectOfText(version);
  return istioNamespace === DEFAULT_NAMESPACE || dialect?.tag === undefined || dialect.tagsAnyNamespace;
}

/** The namespace twice: as a value for what is deleted, as a flag for whose proxies are counted (`uninstallArgs`). */
export function uninstallAt(home: Home, revision: string): string {
  const value = elsewhere(home, (namespace) => ` --set values.global.istioNamespace=${namespace}`);
  return istioctlAt(home, `uninstall --revision ${revision}${value}`);
}

/** The input by which this Action finds the mesh, to be set behind others; empty where it needs none. */
export function inputsAt(home: Home): string {
  return elsewhere(home, (namespace) => `, istio-namespace: ${namespace}`);
}

function elsewhere({ istioNamespace }: Home, told: (namespace: string) => string): string {
  return istioNamespace === DEFAULT_NAMESPACE ? '' : told(istioNamespace);
}
