import { askPolicy, changedByPolicy, isPolicy } from '../api/policy.ts';
import { Refusal } from '../api/refusal.ts';
import { selects } from '../api/selector.ts';
import type { Store } from '../api/store.ts';
import type { Admission, Operation, Place } from '../api/verbs.ts';
import { KINDS } from '../kinds.ts';
import type { KubeObject, Pod, Webhook, WebhookConfiguration } from '../objects.ts';
import { inject, missingTemplate } from './inject.ts';
import { type Istiod, behind, injectorConfig } from './istiod.ts';
import { flawOf } from './validate.ts';

/**
 * Calls webhooks as the API server does: those whose rules and selectors match, by the order of their configurations'
 * names, at the istiods behind their Service. One that is not there refuses the request, unless its webhook says
 * `failurePolicy: Ignore`.
 */
export function createAdmission(store: Store): Admission {
  const matching = (
    configurations: readonly WebhookConfiguration[],
    place: Place,
    operation: Operation,
    object: KubeObject,
  ): Webhook[] =>
    configurations
      .flatMap(({ webhooks = [] }) => webhooks)
      .filter((webhook) => matches(store, webhook, place, operation, object));

  function mutate(place: Place, operation: Operation, object: KubeObject): KubeObject {
    const configurations = store.list(KINDS.MutatingWebhookConfiguration);
    const webhooks = configurations.flatMap((configuration) =>
      matching([configuration], place, operation, object).map((webhook) => ({ configuration, webhook })),
    );
    return webhooks.reduce((current, { configuration, webhook }) => {
      if (isPolicy(webhook.clientConfig.url)) return changedByPolicy(configuration, current);
      const istiod = call(store, webhook);
      if (istiod === undefined) return current;
      if (webhook.clientConfig.service?.path?.startsWith('/inject') !== true)
        throw failed(webhook, 'it is no injector');
      const config = injectorConfig(store, istiod);
      const missing = missingTemplate(current as Pod, config);
      if (missing !== undefined) {
        const words = `requested template "${missing}" not found; have ${config.templates.join(', ')}`;
        throw new Refusal(
          400,
          'BadRequest',
          `admission webhook "${webhook.name}" denied the request: ${words}`,
        );
      }
      return inject(current as Pod, istiod, config);
    }, object);
  }

  function validate(place: Place, operation: Operation, object: KubeObject): void {
    const configurations = store.list(KINDS.ValidatingWebhookConfiguration);
    for (const configuration of configurations) {
      for (const webhook of matching([configuration], place, operation, object)) {
        if (isPolicy(webhook.clientConfig.url)) {
          const { plural } = place.kind;
          askPolicy(configuration, webhook.name, { operation, plural, object });
        } else ask(webhook, object);
      }
    }
  }

  function ask(webhook: Webhook, object: KubeObject): void {
    if (call(store, webhook) === undefined) return;
    const flaw = flawOf(object);
    if (flaw !== undefined) {
      throw new Refusal(400, 'BadRequest', `admission webhook "${webhook.name}" denied the request: ${flaw}`);
    }
  }

  return {
    admit: (place, operation, object) => {
      const mutated = mutate(place, operation, object);
      validate(place, operation, mutated);
      return mutated;
    },
  };
}

function matches(
  store: Store,
  { rules = [], namespaceSelector = {}, objectSelector = {} }: Webhook,
  { kind, namespace }: Place,
  operation: Operation,
  object: KubeObject,
): boolean {
  const has = (list: readonly string[], wanted: string): boolean =>
    list.includes(wanted) || list.includes('*');
  const ruled = rules.some(
    (rule) =>
      has(rule.operations, operation) &&
      has(rule.apiGroups, kind.group) &&
      has(rule.apiVersions, kind.version) &&
      has(rule.resources, kind.plural),
  );
  if (!ruled) return false;
  // A namespace is selected by its own labels.
  const home = kind === KINDS.Namespace ? object : store.get(KINDS.Namespace, undefined, namespace ?? '');
  return (
    (home === undefined || selects(namespaceSelector, home.metadata.labels ?? {})) &&
    selects(objectSelector, object.metadata.labels ?? {})
  );
}

/** The istiod that answers; undefined where none does and that is to be ignored. */
function call(store: Store, webhook: Webhook): Istiod | undefined {
  const { clientConfig, failurePolicy = 'Fail' } = webhook;
  if (clientConfig.service === undefined) throw failed(webhook, 'only webhooks of Services are called');
  const istiods = behind(store, clientConfig.service);
  if (typeof istiods !== 'string') return istiods[0];
  if (failurePolicy === 'Ignore') return undefined;
  const { name, namespace, path = '/' } = clientConfig.service;
  throw failed(
    webhook,
    `failed to call webhook: Post "https://${name}.${namespace}.svc:443${path}?timeout=10s": ${istiods}`,
  );
}

function failed({ name }: Webhook, why: string): Refusal {
  return new Refusal(
    500,
    'InternalError',
    `Internal error occurred: failed calling webhook "${name}": ${why}`,
  );
}
