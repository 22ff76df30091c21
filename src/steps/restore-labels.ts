import type { View } from '../decide/upgrade.ts';
import type { Change } from '../istio/change.ts';
import { forgetPatch, restorePatch } from '../istio/moves.ts';
import { namespaceOf } from '../istio/namespace.ts';
import { ANNOTATION_ORIGINAL_LABELS } from '../istio/names.ts';
import {
  type MovedNamespace,
  isAdopted,
  isMoved,
  movedNamespaces,
  restorableNamespaces,
  returningNamespaces,
} from '../istio/scope.ts';
import type { Step } from './step.ts';

function restore(title: string, choose: (view: View) => readonly MovedNamespace[]): Step {
  return {
    id: 'restore-labels',
    title,
    timeoutMs: 5 * 60_000,
    plan: (view) => choose(view).flatMap(changesOf),
    run: async ({ cluster, upgrade: { to } }, view) => {
      const chosen = choose(view);
      const { injectors, foreignInjectors } = view.mesh;
      for (const { name } of chosen) {
        await cluster.edit('Namespace', name, undefined, (current) => {
          const namespace = namespaceOf(current, injectors, foreignInjectors);
          return isMoved(namespace, to.revision) && !namespace.terminating
            ? restorePatch(namespace)
            : undefined;
        });
      }
      return `labels of ${String(chosen.length)} namespaces put back`;
    },
  };
}

function changesOf({ name, labels, originals }: MovedNamespace): Change[] {
  return Object.entries(originals)
    .filter(([field, to]) => (labels[field] ?? null) !== to)
    .map(([field, to]) => ({
      verb: 'label',
      object: `Namespace ${name}`,
      field,
      from: labels[field] ?? null,
      to,
    }));
}

/** In promote: of the namespaces that follow the default tag, once it has moved, so that Git and cluster agree. */
export const restoreFollowers = restore(
  'Put back the labels of namespaces that follow the default tag',
  ({ mesh, upgrade: { to } }) => restorableNamespaces(mesh, to.revision),
);

/**
 * In rollback, before the tags: what was made to follow a tag names the old revision again, so that a tag that this upgrade
 * made can go.
 */
export const restoreAdopted: Step = {
  ...restore(
    'Put back the labels of namespaces that were made to follow a tag',
    ({ mesh, upgrade: { from, to } }) =>
      returningNamespaces(mesh, to.revision, from.revision).filter((item) => isAdopted(item, to.revision)),
  ),
  id: 'restore-adopted',
};

/** In rollback: of all that lead back. Comes before any restart, so that pods born from now on are right. */
export const restoreAll = restore(
  'Put back the labels of the namespaces',
  ({ mesh, upgrade: { from, to } }) => returningNamespaces(mesh, to.revision, from.revision),
);

/** After the removal of the old control plane there is nothing to go back to. */
export const forgetOriginals: Step = {
  id: 'forget-originals',
  title: 'Forget the labels of before',
  timeoutMs: 5 * 60_000,
  plan: ({ mesh, upgrade: { to } }) =>
    movedNamespaces(mesh, to.revision).map(({ name }) => ({
      verb: 'annotate',
      object: `Namespace ${name}`,
      field: ANNOTATION_ORIGINAL_LABELS,
      to: null,
    })),
  run: async ({ cluster }, { mesh, upgrade: { to } }) => {
    const moved = movedNamespaces(mesh, to.revision);
    for (const namespace of moved) {
      await cluster.edit('Namespace', namespace.name, undefined, ({ metadata }) =>
        metadata.annotations?.[ANNOTATION_ORIGINAL_LABELS] === undefined ? undefined : forgetPatch(namespace),
      );
    }
    return `${String(moved.length)} namespaces`;
  },
};
