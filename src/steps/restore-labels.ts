import type { Step } from '../engine/step.ts';
import { forgetPatch, movedNamespaces, restorableNamespaces, restorePatch } from '../istio/moves.ts';
import { ANNOTATION_ORIGINAL_LABELS } from '../istio/names.ts';
import type { Frame } from '../istio/mesh.ts';
import { originalsOf } from '../istio/originals.ts';

function restore(
  id: string,
  title: string,
  choose: (mesh: Frame, target: string) => { name: string }[],
): Step {
  return {
    id,
    title,
    timeoutMs: 5 * 60_000,
    plan: ({ mesh, upgrade: { to } }) =>
      choose(mesh, to.revision).map(({ name }) => `Namespace ${name}: labels as they were before`),
    run: async ({ cluster, upgrade: { to } }, { mesh }) => {
      const chosen = choose(mesh, to.revision);
      for (const { name } of chosen) {
        await cluster.edit('Namespace', name, undefined, ({ metadata }) => {
          const originals = originalsOf(name, metadata.annotations);
          return originals === undefined ? undefined : restorePatch(originals);
        });
      }
      return `labels of ${String(chosen.length)} namespaces put back`;
    },
  };
}

/** In promote: of the namespaces that follow the default tag, once it has moved, so that Git and cluster agree. */
export const restoreFollowers = restore(
  'restore-labels',
  'Put back the labels of namespaces that follow the default tag',
  restorableNamespaces,
);

/** In rollback: of all. Comes before any restart, so that pods born from now on are right. */
export const restoreAll = restore('restore-labels', 'Put back the labels of the namespaces', movedNamespaces);

/** After the removal of the old control plane there is nothing to go back to. */
export const forgetOriginals: Step = {
  id: 'forget-originals',
  title: 'Forget the labels of before',
  timeoutMs: 5 * 60_000,
  plan: ({ mesh }) =>
    movedNamespaces(mesh).map(
      ({ name }) => `Namespace ${name}: annotation ${ANNOTATION_ORIGINAL_LABELS} removed`,
    ),
  run: async ({ cluster }, { mesh }) => {
    const moved = movedNamespaces(mesh);
    for (const { name } of moved) {
      await cluster.edit('Namespace', name, undefined, ({ metadata }) =>
        metadata.annotations?.[ANNOTATION_ORIGINAL_LABELS] === undefined ? undefined : forgetPatch(),
      );
    }
    return `${String(moved.length)} namespaces`;
  },
};
