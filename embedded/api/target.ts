import { ABSENT_GROUPS, KINDS, type Kind, definedBy } from '../kinds.ts';
import { Refusal, unknown } from './refusal.ts';
import type { Store } from './store.ts';

/** What a path of the API means. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** Undefined for a collection. */
  readonly name: string | undefined;
}

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?$/;

/** Reads a path; one that this cluster does not serve is refused. */
export function targetOf(path: string, store: Store): Target {
  const { group = '', version = '', plural = '', ...found } = PATH.exec(path)?.groups ?? {};
  if (plural === '') throw unknown(`the path ${path}`);
  const kind = kindOf(store, group, version, plural);
  if (kind === undefined && ABSENT_GROUPS.includes(group)) {
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  }
  if (kind === undefined) throw unknown(`the path ${path}`);
  const [namespace, name] = [found.namespace, found.name].map((part) =>
    part === undefined ? undefined : decodeURIComponent(part),
  );
  if (namespace !== undefined && !kind.namespaced) throw unknown(`the path ${path}`);
  if (namespace === undefined && name !== undefined && kind.namespaced) throw unknown(`the path ${path}`);
  return { kind, namespace, name };
}

function kindOf(store: Store, group: string, version: string, plural: string): Kind | undefined {
  const is = (kind: Kind): boolean =>
    kind.group === group && kind.version === version && kind.plural === plural;
  return (
    Object.values<Kind>(KINDS).find(is) ??
    store.list(KINDS.CustomResourceDefinition).flatMap(definedBy).find(is)
  );
}
