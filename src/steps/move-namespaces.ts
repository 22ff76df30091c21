import { type Step, StepFailed } from '../engine/step.ts';
import { isOnly, movePatch, namespacesToMove } from '../istio/moves.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { originalsOf } from '../istio/originals.ts';

/** Relabels the upgrade's namespaces to the target, keeping their labels in the same patch (promise 3). */
export const moveNamespaces: Step = {
  id: 'move-namespaces',
  title: 'Point the namespaces to the target revision',
  timeoutMs: 5 * 60_000,
  plan: ({ mesh, upgrade: { namespaces, to } }) =>
    namespacesToMove(mesh, namespaces, to.revision).map(
      ({ name, choice }) =>
        `Namespace ${name}: ${LABEL_REVISION}=${to.revision}${choice === 'revision' ? '' : ', istio-injection removed'}`,
    ),
  run: async (context, { mesh }) => {
    const { namespaces, to } = context.upgrade;
    const moves = namespacesToMove(mesh, namespaces, to.revision);
    for (const { name } of moves) {
      await context.cluster.edit(
        'Namespace',
        name,
        undefined,
        ({ metadata: { labels = {}, annotations = {} } }) => {
          const same = labels[LABEL_REVISION] === to.revision && labels['istio-injection'] === undefined;
          const originals = originalsOf(name, annotations);
          return same ? undefined : movePatch({ labels, originals }, to.revision);
        },
      );
      context.report.namespacesMoved.push(name);
    }
    const seen = await context.observe();
    const wrong = namespacesToMove(seen, namespaces, to.revision);
    if (wrong.length > 0) {
      throw new StepFailed(
        wrong.map(({ name, injectedBy }) => ({
          id: 'namespace-not-moved',
          severity: 'error',
          object: `Namespace ${name}`,
          message: `its pods would be injected by ${injectedBy.join(' and ') || 'nothing'} after it was labelled ${to.revision}`,
          remedy:
            'Something else sets its labels (GitOps, an operator), or a webhook is missing. Run rollback.',
        })),
      );
    }
    const count = seen.namespaces.filter(
      ({ name, injectedBy }) => namespaces.includes(name) && isOnly(injectedBy, to.revision),
    ).length;
    return `${String(moves.length)} relabelled, ${String(count)} of ${String(namespaces.length)} choose ${to.revision}`;
  },
};
