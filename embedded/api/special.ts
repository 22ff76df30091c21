import { KINDS, type Kind, definedBy } from '../kinds.ts';
import { servedVersions } from './older.ts';
import type { Attributes } from './rbac.ts';
import { allows } from './rbac.ts';
import { Refusal, notFound, unknown } from './refusal.ts';
import { type Answer, type ApiRequest, type Parts, mustBeAllowed } from './request.ts';
import type { Store } from './store.ts';

/** What istiod's pod says of the proxies that are connected to it; throws Refusal. */
export type AskIstiod = (namespace: string, pod: string) => object;

/** Not of Kubernetes, and named so: stands for a port-forward to istiod's port 15012, and what is said over it. */
const ISTIOD = /^\/embedded-cluster\.not-kubernetes\/istiod\/([^/]+)\/([^/]+)\/syncz$/;
const TOKEN = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/;
const GROUP = /^\/apis\/([^/]+)(?:\/([^/]+))?$/;
const REVIEW = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Answers what is not about stored objects; undefined for all else. */
export function handleSpecial(
  parts: Parts,
  request: ApiRequest,
  version: string,
  ask: AskIstiod,
): Answer | undefined {
  const { method, url } = request;
  const answer = (code: number, body: object): Answer => ({ code, body, persisting: false });
  if (method === 'GET' && url.pathname === '/version') {
    const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
    return answer(200, { major, minor, gitVersion: version, platform: 'embedded' });
  }
  if (method === 'GET' && GROUP.test(url.pathname))
    return answer(200, discovered(parts.store, url.pathname, version));
  if (method === 'POST' && url.pathname === REVIEW) return answer(201, review(parts, request));
  const [token, namespace = '', name = ''] = TOKEN.exec(url.pathname) ?? [];
  if (method === 'POST' && token !== undefined) return answer(201, tokenFor(parts, request, namespace, name));
  const [question, where = '', pod = ''] = ISTIOD.exec(url.pathname) ?? [];
  if (method === 'GET' && question !== undefined) {
    mustBeAllowed(parts.store, request.user, {
      verb: 'create',
      group: '',
      resource: 'pods',
      subresource: 'portforward',
      namespace: where,
      name: pod,
    });
    return answer(200, ask(where, pod));
  }
  return undefined;
}

/** What is served of a group, or of one of its versions. */
function discovered(store: Store, path: string, kubernetes: string): object {
  const [, group = '', version] = GROUP.exec(path) ?? [];
  const kinds = [
    ...Object.values<Kind>(KINDS).flatMap((kind) => servedVersions(kind, kubernetes)),
    ...store.list(KINDS.CustomResourceDefinition).flatMap(definedBy),
  ].filter((kind) => kind.group === group && (version === undefined || kind.version === version));
  if (kinds.length === 0)
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  if (version !== undefined) {
    const resources = kinds.map(({ plural, kind, namespaced }) => ({ name: plural, kind, namespaced }));
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources };
  }
  const versions = [...new Set(kinds.map((kind) => kind.version))].map((name) => ({
    groupVersion: `${group}/${name}`,
    version: name,
  }));
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion: versions[0] };
}

function review({ store }: Parts, { user, body, url }: ApiRequest): object {
  const [strange] = [...url.searchParams.keys()].filter((name) => name !== 'fieldManager');
  if (strange !== undefined) throw unknown(`the parameter "${strange}" of a review`);
  const { spec, ...rest } = body as { spec: { resourceAttributes?: Attributes } };
  if (spec.resourceAttributes === undefined) throw unknown('a review without resourceAttributes');
  const { namespace, ...attributes } = spec.resourceAttributes;
  const allowed = allows(store, user, {
    ...attributes,
    // Kubernetes takes an empty namespace for all of them.
    ...(namespace === '' ? {} : { namespace }),
  });
  return { ...rest, spec, status: { allowed } };
}

/** A token that is good for nothing here but to show that it could be had: istiod asks for none. */
function tokenFor({ store }: Parts, { user }: ApiRequest, namespace: string, name: string): object {
  mustBeAllowed(store, user, {
    verb: 'create',
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    namespace,
    name,
  });
  if (store.get(KINDS.Namespace, undefined, namespace) === undefined)
    throw notFound(KINDS.Namespace, namespace);
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    status: { token: 'embedded', expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString() },
  };
}
