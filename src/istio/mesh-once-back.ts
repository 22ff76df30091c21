import type { Upgrade } from '../decide/upgrade.ts';
import { type Injector, injectedBy, servesDefault } from './injection.ts';
import { type Mesh, type MeshNamespace, type MeshPod, planeOfRevision } from './mesh.ts';
import { movesDefault } from './movable-default.ts';
import { LABEL_REVISION } from './names.ts';
import { labelsBefore, returningNamespaces } from './scope.ts';
import type { TagMoves } from './tags.ts';

type Going = Pick<Upgrade, 'from' | 'to' | 'tags'>;

/**
 * The mesh as a rollback finds it when the default, the tags and the labels have gone back: from it a dry run tells the
 * restarts that come then. Where all of that is done it is the mesh as it is.
 */
export function meshOnceBack(mesh: Mesh, upgrade: Going): Mesh {
  const injectors = injectorsOnceBack(mesh, upgrade);
  const { from, to } = upgrade;
  const returning = new Set<MeshNamespace>(returningNamespaces(mesh, to.revision, from.revision));
  const homes = new Map(
    mesh.namespaces.map((now) => {
      const labels = returning.has(now) ? labelsBefore(now, to.revision) : now.labels;
      return [now.name, { now, then: { ...now, labels, injectedBy: injectedBy(injectors, labels) } }];
    }),
  );
  return {
    ...mesh,
    injectors,
    namespaces: [...homes.values()].map(({ then }) => then),
    pods: mesh.pods.map((pod) => ({
      ...pod,
      injectedBy: rebornBy(pod, injectors, homes.get(pod.namespace)),
    })),
  };
}

function injectorsOnceBack(mesh: Mesh, upgrade: Going): Injector[] {
  const { revision } = upgrade.from;
  const moves = movesDefault(mesh, upgrade) && planeOfRevision(mesh, revision) !== undefined;
  return mesh.injectors.flatMap((injector) => {
    if (moves && servesDefault(injector)) return [{ ...injector, revision }];
    const to = takenTo(upgrade.tags, injector);
    return to === null ? [] : [{ ...injector, revision: to }];
  });
}

/** Null for the injector of a tag that goes. */
function takenTo(tags: TagMoves, { tag, revision }: Injector): string | null {
  return tag === undefined || !Object.hasOwn(tags, tag) ? revision : (tags[tag] ?? null);
}

/** A pod's other labels are not kept: one that its namespace does not decide for stays as it is. */
function rebornBy(
  { injectedBy: now, pinnedRevision }: MeshPod,
  injectors: readonly Injector[],
  home: { readonly now: MeshNamespace; readonly then: MeshNamespace } | undefined,
): readonly string[] {
  if (home === undefined) return now;
  if (pinnedRevision !== undefined)
    return injectedBy(injectors, home.then.labels, { [LABEL_REVISION]: pinnedRevision });
  return now.join() === home.now.injectedBy.join() ? home.then.injectedBy : now;
}
