import type { View } from '../decide/upgrade.ts';
import { injectedBy } from '../istio/injection.ts';
import { movePatch, namespacesToMove } from '../istio/moves.ts';
import { namespaceOf } from '../istio/namespace.ts';
import { LABEL_INJECTION, LABEL_REVISION } from '../istio/names.ts';
import { isOnly } from '../istio/scope.ts';
import { followsTag } from '../istio/tags.ts';
import { type Step, StepFailed } from './step.ts';

/** Relabels the upgrade's namespaces to the target, keeping their labels in the same patch (promise 3). */
export const moveNamespaces: Step = {
  id: 'move-namespaces',
  title: 'Point the namespaces to the target revision',
  timeoutMs: 5 * 60_000,
  plan: (view) =>
    toMove(view).flatMap(({ name, labels }) => [
      {
        verb: 'label',
        object: `Namespace ${name}`,
        field: LABEL_REVISION,
        from: labels[LABEL_REVISION] ?? null,
        to: view.upgrade.to.revision,
      },
      ...(labels[LABEL_INJECTION] === undefined
        ? []
        : [
            {
              verb: 'label' as const,
              object: `Namespace ${name}`,
              field: LABEL_INJECTION,
              from: labels[LABEL_INJECTION],
              to: null,
            },
          ]),
    ]),
  run: async (context, view) => {
    const { scope, to } = context.upgrade;
    const moves = toMove(view);
    for (const { name } of moves) {
      await context.cluster.edit('Namespace', name, undefined, (current) => {
        const namespace = namespaceOf(current, view.mesh.injectors, view.mesh.foreignInjectors);
        // Decided again from what is there now: it may have left the mesh, or be going.
        return namespace.terminating ||
          namespace.choice === 'none' ||
          isOnly(namespace.injectedBy, to.revision)
          ? undefined
          : movePatch(namespace, to.revision);
      });
      context.report.namespacesMoved.push(name);
    }
    const seen = await context.observe();
    const wrong = namespacesToMove(seen, scope.namespaces, to.revision);
    if (wrong.length > 0) {
      throw new StepFailed(
        wrong.map(({ name, injectedBy: revisions }) => ({
          id: 'namespace-not-moved',
          severity: 'error',
          object: `Namespace ${name}`,
          message: `its pods would be injected by ${revisions.join(' and ') || 'nothing'} after it was labelled ${to.revision}`,
          remedy:
            'Something else sets its labels (GitOps, an operator), or a webhook is missing. Run rollback.',
        })),
      );
    }
    const count = seen.namespaces.filter(
      ({ name, labels }) =>
        scope.namespaces.includes(name) && isOnly(injectedBy(seen.injectors, labels), to.revision),
    ).length;
    return `${String(moves.length)} relabelled, ${String(count)} of ${String(scope.namespaces.length)} choose ${to.revision}`;
  },
};

/** What a phase relabels. Those that follow a tag which it moves stay as they are: the tag takes them along. */
export function toMove({ mesh, upgrade: { scope, to, tags } }: View): ReturnType<typeof namespacesToMove> {
  return namespacesToMove(mesh, scope.namespaces, to.revision).filter(
    (namespace) => !followsTag(namespace, Object.keys(tags)),
  );
}
