import { adoptPatch, adoptable } from '../istio/adoption.ts';
import { istioctlAt } from '../istio/home.ts';
import { injectedBy } from '../istio/injection.ts';
import { namespaceOf } from '../istio/namespace.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { isOnly } from '../istio/scope.ts';
import { type Step, StepFailed } from './step.ts';

/**
 * Makes namespaces that named the old revision follow a tag, once that leads to the target: one patch each, no pod is
 * touched, since label and tag lead to the same istiod (istio.io, "Stable revision labels").
 */
export function adoptTags(tag: string): Step {
  return {
    id: 'adopt-tags',
    title: `Let namespaces follow the tag ${tag}`,
    timeoutMs: 5 * 60_000,
    plan: ({ mesh, upgrade }) =>
      adoptable(mesh, upgrade, tag).map(({ name, labels }) => ({
        verb: 'label',
        object: `Namespace ${name}`,
        field: LABEL_REVISION,
        from: labels[LABEL_REVISION] ?? null,
        to: tag,
      })),
    run: async (context, view) => {
      const { revision } = context.upgrade.to;
      const { mesh } = view;
      const namespaces = adoptable(mesh, context.upgrade, tag);
      const wrong = namespaces.filter(
        ({ labels }) => !isOnly(injectedBy(mesh.injectors, { ...labels, [LABEL_REVISION]: tag }), revision),
      );
      if (wrong.length > 0) {
        throw new StepFailed(
          wrong.map(({ name }) => ({
            id: 'namespace-not-moved',
            severity: 'error',
            object: `Namespace ${name}`,
            message: `it was not labelled ${tag}, as that tag would not have its pods injected by ${revision}`,
            remedy: `Look at the tag (${istioctlAt(mesh, 'tag list')}), then run promote again.`,
          })),
        );
      }
      for (const { name } of namespaces) {
        await context.cluster.edit('Namespace', name, undefined, (current) =>
          // Decided again from what is there now.
          adoptPatch(namespaceOf(current, mesh.injectors, mesh.foreignInjectors), { tag, revision }),
        );
      }
      return `${String(namespaces.length)} namespaces follow ${tag}`;
    },
  };
}
