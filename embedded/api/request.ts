import { apiVersionOf } from '../kinds.ts';
import type { Draft, KubeObject } from '../objects.ts';
import { managerOf } from './managed-fields.ts';
import type { Store } from './store.ts';
import type { Pages } from './pages.ts';
import { type Query, isDryRun, queryOf } from './query.ts';
import { type Attributes, type User, allows, forbidden } from './rbac.ts';
import { Refusal, badRequest, notFound, unknown } from './refusal.ts';
import { type Selector, fieldSelector, labelSelector } from './selector.ts';
import { type Target, targetOf } from './target.ts';
import { type Verbs, patched } from './verbs.ts';
import { appliedOver, isApplied } from './applied.ts';
import type { Watched } from './watch.ts';

/** A request of somebody who is known. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly user: User;
  readonly contentType: string;
  readonly userAgent: string;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** What comes of a request. */
export interface Answer {
  readonly code: number;
  readonly body?: object;
  /** A stream of changes instead of a body. */
  readonly watch?: Watched;
  /** Whether it asked to change something for good. */
  readonly persisting: boolean;
}

/** What the API is made of. */
export interface Parts {
  readonly store: Store;
  readonly verbs: Verbs;
  readonly pages: Pages;
}

const MERGE_PATCH = 'application/merge-patch+json';
/** The body must be JSON, which is YAML as well. */
const APPLY_PATCH = 'application/apply-patch+yaml';

type Handler = (parts: Parts, target: Target, query: Query, request: ApiRequest) => Answer;

/** What is done, by method and by whether it is about one object or a collection. */
const HANDLERS: Readonly<Record<string, { readonly verb: string; readonly handle: Handler }>> = {
  'GET one': { verb: 'get', handle: get },
  'GET all': { verb: 'list', handle: list },
  'WATCH all': { verb: 'watch', handle: watchFrom },
  'POST all': { verb: 'create', handle: create },
  'PUT one': { verb: 'update', handle: replace },
  'PATCH one': { verb: 'patch', handle: patch },
  'DELETE one': { verb: 'delete', handle: remove },
};

/**
 * Carries out a request about objects.
 *
 * @throws Refusal
 */
export function handle(parts: Parts, request: ApiRequest): Answer {
  const { method, url, user } = request;
  const target = targetOf(url.pathname, parts.store);
  const watching = method === 'GET' && url.searchParams.has('watch');
  const key = `${watching ? 'WATCH' : method} ${target.name === undefined ? 'all' : 'one'}`;
  const handler = HANDLERS[key];
  if (handler === undefined) throw unknown(`${method} of ${url.pathname}`);
  mustBeAllowed(parts.store, user, {
    verb: handler.verb,
    group: target.kind.group,
    resource: target.kind.plural,
    namespace: target.namespace,
    name: target.name,
  });
  return handler.handle(parts, target, queryOf(handler.verb, url.searchParams), request);
}

/** @throws Refusal with code 403 */
export function mustBeAllowed(store: Store, user: User, attributes: Attributes): void {
  if (!allows(store, user, attributes)) throw new Refusal(403, 'Forbidden', forbidden(user, attributes));
}

function get({ store }: Parts, { kind, namespace, name = '' }: Target): Answer {
  const object = store.get(kind, namespace, name);
  if (object === undefined) throw notFound(kind, name);
  return { code: 200, body: object, persisting: false };
}

function list({ store, pages }: Parts, { kind, namespace }: Target, query: Query): Answer {
  const token = query.get('continue');
  const page =
    token === undefined
      ? pages.first(store.list(kind, namespace).filter(selectorOf(query)), store.version, query.get('limit'))
      : pages.next(token, query.get('limit'));
  const metadata = {
    resourceVersion: String(page.version),
    ...(page.next === '' ? {} : { continue: page.next }),
  };
  const body = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: page.items };
  return { code: 200, body, persisting: false };
}

function selectorOf(query: Query): Selector {
  const selectors = [
    labelSelector(query.get('labelSelector') ?? ''),
    fieldSelector(query.get('fieldSelector') ?? ''),
  ];
  return (object) => selectors.every((selects) => selects(object));
}

function watchFrom(_: Parts, { kind, namespace }: Target, query: Query): Answer {
  if (query.get('watch') !== 'true') throw unknown(`watch=${query.get('watch') ?? ''}`);
  const from = Number(query.get('resourceVersion') ?? Number.NaN);
  if (!Number.isInteger(from)) throw unknown('a watch without a resourceVersion to begin at');
  return { code: 200, watch: { kind, namespace, selector: selectorOf(query), from }, persisting: false };
}

function create({ verbs }: Parts, target: Target, query: Query, request: ApiRequest): Answer {
  const { dryRun, manager } = writeOf(query, request);
  if (target.kind.namespaced && target.namespace === undefined) throw unknown('a create without a namespace');
  return {
    code: 201,
    body: verbs.create(target, draft(request.body), { dryRun, manager }),
    persisting: !dryRun,
  };
}

function replace({ verbs }: Parts, target: Target, query: Query, request: ApiRequest): Answer {
  const { dryRun, manager } = writeOf(query, request);
  const next = draft(request.body);
  return {
    code: 200,
    body: verbs.update(target, target.name ?? '', () => next, { dryRun, manager }),
    persisting: !dryRun,
  };
}

function patch({ verbs }: Parts, target: Target, query: Query, request: ApiRequest): Answer {
  const { body, contentType } = request;
  const { dryRun, manager } = writeOf(query, request);
  if (contentType === APPLY_PATCH) return applied(verbs, target, query, request);
  if (contentType !== MERGE_PATCH || query.has('force')) throw unknown(`the patch type ${contentType}`);
  const patching = { dryRun, manager };
  const [revise, how] = isApplied(target.kind, manager)
    ? ([appliedOver(draft(body)), { ...patching, applied: draft(body) }] as const)
    : ([patched(draft(body)), patching] as const);
  return { code: 200, body: verbs.update(target, target.name ?? '', revise, how), persisting: !dryRun };
}

/** An apply on the server's side, by force. */
function applied(verbs: Verbs, target: Target, query: Query, request: ApiRequest): Answer {
  const { dryRun, manager } = writeOf(query, request);
  if (!query.has('fieldManager')) throw badRequest('fieldManager is required for apply patch');
  if (query.get('force') !== 'true') throw unknown('an apply without force');
  const { name = '' } = target;
  try {
    const applied = draft(request.body);
    const revise = isApplied(target.kind, manager) ? appliedOver(applied) : patched(applied);
    const how = { dryRun, manager, applied };
    return { code: 200, body: verbs.update(target, name, revise, how), persisting: !dryRun };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 404) throw error;
    return {
      code: 201,
      body: verbs.create(target, draft(request.body), { dryRun, manager }),
      persisting: !dryRun,
    };
  }
}

function writeOf(
  query: Query,
  { userAgent }: ApiRequest,
): { readonly dryRun: boolean; readonly manager: string } {
  return { dryRun: isDryRun(query), manager: managerOf(query.get('fieldManager'), userAgent) };
}

const DELETE_FIELDS = ['apiVersion', 'kind', 'propagationPolicy', 'preconditions'];

function remove({ verbs, store }: Parts, target: Target, query: Query, { body }: ApiRequest): Answer {
  const dryRun = isDryRun(query);
  const options = (body ?? {}) as {
    readonly propagationPolicy?: string;
    readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  };
  const strange = Object.keys(options).find((field) => !DELETE_FIELDS.includes(field));
  if (strange !== undefined) throw unknown(`the delete option "${strange}"`);
  const { propagationPolicy: propagation = 'Background', preconditions = {} } = options;
  if (!['Background', 'Foreground'].includes(propagation))
    throw unknown(`the propagation policy ${propagation}`);
  const object: KubeObject = verbs.remove(target, target.name ?? '', {
    dryRun,
    propagation,
    ...preconditions,
  });
  const gone = store.get(target.kind, target.namespace, target.name ?? '') === undefined;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  return { code: 200, body: gone ? status : object, persisting: !dryRun };
}

function draft(body: unknown): Draft {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Draft;
  throw badRequest('the body of the request is no object');
}
