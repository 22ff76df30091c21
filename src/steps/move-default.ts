import type { Finding } from '../finding.ts';
import { changedByAccident } from '../istio/accident.ts';
import type { Change } from '../istio/change.ts';
import { istioctlAt } from '../istio/home.ts';
import { injectedBy } from '../istio/injection.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { DEFAULT_TAG, DEFAULT_VALIDATOR } from '../istio/names.ts';
import { isOnly } from '../istio/scope.ts';
import type { Context } from './context.ts';
import { type Step, StepFailed } from './step.ts';
import { changeTag } from './tag-command.ts';

/**
 * Points the default tag and with it the default validator to a revision: on purpose, by the docs' own command, and
 * proved by looking (T05: `tag set` may do nothing and exit 0; H01, H02: the validator stays behind).
 *
 * @param side whose revision gets it, and whose istioctl does it
 */
export function moveDefault(side: 'from' | 'to'): Step {
  return {
    id: side === 'to' ? 'move-default' : 'restore-default',
    title: side === 'to' ? 'Move the default tag and validator' : 'Put back the default tag and validator',
    timeoutMs: 3 * 60_000,
    plan: ({ mesh, upgrade }) => (movesDefault(mesh, upgrade) ? missing(mesh, upgrade[side].revision) : []),
    run: async (context, { mesh: before }) => {
      const { revision } = context.upgrade[side];
      const target = { tag: DEFAULT_TAG, revision, injectsAll: injectsAll(before) };
      const { after, denied, stillToDo } = await changeTag(
        context,
        side,
        'istioctl tag set',
        (istioctl, call) => istioctl.setTag(target, call),
      );
      const findings = [
        ...denied,
        ...lostBy(before, after).map((name): Finding => ({
          id: 'default-not-moved',
          severity: 'error',
          object: `Namespace ${name}`,
          message:
            'istioctl tag set took its injection away: it has no label, and was injected by default before',
          remedy: `Run ${istioctlAt(after, `tag set default --revision ${revision} --overwrite --auto-inject-namespaces -y`)}, then the phase again.`,
        })),
        ...missing(after, revision).map((what): Finding => ({
          id: 'default-not-moved',
          severity: 'error',
          message: stillToDo(what),
          remedy: `Look at the webhooks istio-revision-tag-default and ${DEFAULT_VALIDATOR}, then run the phase again.`,
        })),
        ...changedByAccident(before, after, {
          command: 'istioctl tag set default',
          own: '',
          meant: ['the default tag', 'the default validator'],
        }),
      ];
      if (findings.length > 0) throw new StepFailed(findings);
      await proveValidator(context, revision);
      return `istio-injection=enabled and ${DEFAULT_VALIDATOR} follow ${revision}`;
    },
  };
}

/** What is not as it should be: `tag set` writes one after the other, in no order that could be relied on. */
function missing(mesh: Mesh, revision: string): Change[] {
  if (planeOfRevision(mesh, revision) === undefined) return [];
  const point = (object: string, from: string | undefined): Change => ({
    verb: 'point',
    object,
    from: from ?? null,
    to: revision,
  });
  return [
    ...(isOnly(mesh.defaultInjector, revision)
      ? []
      : [point('default tag', mesh.defaultInjector.join(' and ') || undefined)]),
    ...(mesh.defaultValidator === revision ? [] : [point('default validator', mesh.defaultValidator)]),
    ...(mesh.defaultService === undefined || mesh.defaultService === revision
      ? []
      : [point('Service of the default tag', mesh.defaultService)]),
  ];
}

/** Whether pods of namespaces without a label are injected: `tag set` forgets that unless it is told (M06). */
function injectsAll({ injectors }: Pick<Mesh, 'injectors'>): boolean {
  return injectedBy(injectors, {}).length > 0;
}

/** Namespaces that were injected without choosing anything, and are not any more. */
function lostBy(before: Mesh, after: Mesh): string[] {
  const still = new Set(
    after.namespaces.filter((item) => item.injectedBy.length > 0).map(({ name }) => name),
  );
  return before.namespaces
    .filter(({ choice, injectedBy: by, terminating }) => choice === 'none' && by.length > 0 && !terminating)
    .map(({ name }) => name)
    .filter((name) => after.namespaces.some((item) => item.name === name) && !still.has(name));
}

/** The validator asks the istiod that it should, and that istiod's Service is there (H01, H03). */
async function proveValidator({ cluster, inputs }: Context, revision: string): Promise<void> {
  const validator = await cluster.get('ValidatingWebhookConfiguration', DEFAULT_VALIDATOR);
  for (const { clientConfig } of validator?.webhooks ?? []) {
    const name = clientConfig.service?.name ?? '';
    const service = await cluster.get(
      'Service',
      name,
      clientConfig.service?.namespace ?? inputs.istioNamespace,
    );
    if (service === undefined) {
      throw new StepFailed([
        {
          id: 'default-validator-dangles',
          severity: 'error',
          object: `ValidatingWebhookConfiguration ${DEFAULT_VALIDATOR}`,
          message: `it asks Service ${name}, which does not exist: changes to Istio's objects would be refused`,
          remedy: `Run ${istioctlAt(inputs, `tag set default --revision ${revision} --overwrite -y`)}.`,
        },
      ]);
    }
  }
}
