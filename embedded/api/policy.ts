import type { KubeObject, WebhookConfiguration, Workload } from '../objects.ts';
import { Refusal, unknown } from './refusal.ts';

/** Where a policy engine would listen: webhooks with such an address are answered here, by annotations. */
const ADDRESS = 'https://policy.embedded/';
/** What may be refused, in the annotation's words: a verb, a plural, and what makes an object objectionable. */
const REFUSES = /^(CREATE|UPDATE|PATCH|DELETE) ([a-z]+)( without-owner)?$/;
/** What is added to the containers of a template that have none, in an annotation. */
const LIMITS = 'embedded/limits';
const REASONS: Readonly<Record<string, string>> = { 400: 'BadRequest', 403: 'Forbidden', 422: 'Invalid' };

export function isPolicy(url: string | undefined): boolean {
  return url?.startsWith(ADDRESS) === true;
}

/**
 * Refuses what a configuration's annotations say, as the API server passes on a webhook's no (cases M26, M32):
 * `embedded/refuses` (such as `PATCH namespaces`, `CREATE pods without-owner`), `embedded/status` (default 400, the API
 * server's for a webhook that names none) and `embedded/words`.
 *
 * @throws Refusal
 */
export function askPolicy(
  { metadata: { annotations = {} } }: WebhookConfiguration,
  webhook: string,
  request: { readonly operation: string; readonly plural: string; readonly object: KubeObject },
): void {
  const refuses = annotations['embedded/refuses'] ?? '';
  const [known, verb = '', plural, ownerless] = REFUSES.exec(refuses) ?? [];
  if (known === undefined) throw unknown(`the policy "embedded/refuses: ${refuses}"`);
  // For admission a patch is an update.
  const operation = verb === 'PATCH' ? 'UPDATE' : verb;
  if (operation !== request.operation || plural !== request.plural) return;
  if (ownerless !== undefined && (request.object.metadata.ownerReferences ?? []).length > 0) return;
  const status = annotations['embedded/status'] ?? '400';
  const words = annotations['embedded/words'];
  const why = words === undefined ? ' without explanation' : `: ${words}`;
  throw new Refusal(
    Number(status),
    REASONS[status] ?? 'Failure',
    `admission webhook "${webhook}" denied the request${why}`,
  );
}

/**
 * Changes what is written as a configuration's annotation says: `embedded/limits`, a JSON object, is added to the containers
 * of a template, as policies do that want every workload to have some.
 *
 * @throws Refusal
 */
export function changedByPolicy(
  { metadata: { annotations = {} } }: WebhookConfiguration,
  object: KubeObject,
): KubeObject {
  const limits = annotations[LIMITS];
  if (limits === undefined) throw unknown('a policy that changes nothing');
  const workload = object as KubeObject & Pick<Workload, 'spec'>;
  const { template } = workload.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    resources: { limits: JSON.parse(limits) as unknown, ...(container.resources as object | undefined) },
  }));
  const spec = { ...workload.spec, template: { ...template, spec: { ...template.spec, containers } } };
  return { ...object, spec };
}
