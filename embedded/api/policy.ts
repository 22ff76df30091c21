import type { KubeObject, WebhookConfiguration } from '../objects.ts';
import { Refusal, unknown } from './refusal.ts';

/** Where a policy engine would listen: webhooks with such an address are answered here, by annotations. */
const ADDRESS = 'https://policy.embedded/';
/** What may be refused, in the annotation's words: a verb, a plural, and what makes an object objectionable. */
const REFUSES = /^(CREATE|UPDATE|PATCH|DELETE) ([a-z]+)( without-owner)?$/;
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
