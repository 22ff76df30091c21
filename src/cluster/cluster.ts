import type { Api, ApiRequest } from './api.ts';
import { ApiError, isConflict, isExpired, isNotFound } from './api-error.ts';
import type { Fence } from './fence.ts';
import type { Metadata } from './objects.ts';
import { type Kind, type Kinds, RESOURCES, apiVersionOf, pathOf } from './resource.ts';
import { isUncertain } from './retry.ts';

/** Field manager of every write, so that `kubectl get --show-managed-fields` names the writer. */
export const FIELD_MANAGER = 'istio-upgrade';

const PAGE_SIZE = 500;
/** So often a list in pages begins anew when the pages to come are not kept any more (410). */
const LIST_TRIES = 3;
/** So often a write is decided on again after a conflict, or after an answer that was lost. */
const WRITE_TRIES = 10;
/** A rehearsal that fails by a webhook fails with 500, too: that is repeated for no longer than this. */
const REHEARSE_MS = 10_000;

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One change that a watch reports. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** What would come of a create. */
export type Rehearsal<T> =
  | { readonly admitted: true; readonly object: T }
  | { readonly admitted: false; readonly reason: string; readonly status: number };

/** An object to be created, by its name. */
export interface Named {
  readonly metadata: Pick<Metadata, 'name' | 'labels' | 'annotations'>;
  readonly [field: string]: unknown;
}

/** One thing that RBAC allows or not. */
export interface Permission {
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** The one object that it is about; undefined: any. */
  readonly name?: string;
  /** Undefined: in all namespaces, or for an object of the whole cluster. */
  readonly namespace?: string;
}

/** The Kubernetes port: what steps and checks may ask of the cluster. Every method throws {@link ApiError}. */
export interface Cluster {
  /** The server's version, such as `v1.35.4`. */
  version(retryForMs?: number): Promise<string>;
  get<K extends Kind>(kind: K, name: string, namespace?: string): Promise<Kinds[K] | undefined>;
  /** Lists in pages of 500, handing out each object once; nothing but the current page is held. */
  list<K extends Kind>(kind: K, options?: ListOptions): AsyncIterable<Kinds[K]>;
  /** As {@link list}, with the resourceVersion at which a watch may go on. */
  listForWatch<K extends Kind>(
    kind: K,
    options?: ListOptions,
  ): Promise<{ items: Kinds[K][]; version: string }>;
  watch<K extends Kind>(
    kind: K,
    options: ListOptions & { readonly from: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<Kinds[K]>>;
  /**
   * Changes an object: reads it, asks `decide` for a merge patch, sends that with the resourceVersion read, and
   * starts over when the object moved on or the answer was lost. So nothing is ever repeated blindly.
   *
   * @param decide the merge patch, or undefined when there is nothing (left) to do
   * @returns whether a patch was sent and taken, and the object as it is then; undefined when it does not exist
   */
  edit<K extends Kind>(
    kind: K,
    name: string,
    namespace: string | undefined,
    decide: (current: Kinds[K]) => object | undefined,
  ): Promise<{ changed: boolean; object: Kinds[K] } | undefined>;
  /**
   * Creates an object. When the answer is lost, it is looked whether an object of that name is there, and only if not,
   * it is created again.
   *
   * @returns the object; after a lost answer the one that is there by that name
   */
  create<K extends Kind>(kind: K, object: Named, namespace?: string): Promise<Kinds[K]>;
  /** Sends a create that the server checks, admits (webhooks included) and forgets; it may be refused with a reason. */
  rehearse<K extends Kind>(kind: K, object: object, namespace?: string): Promise<Rehearsal<Kinds[K]>>;
  /** Asks whether this credential may do something (a SelfSubjectAccessReview, which persists nothing). */
  may(permission: Permission): Promise<boolean>;
  /**
   * Deletes the object if it still is the one with that uid; nothing happens when it is gone. When the answer is lost, it
   * is looked whether it is still there.
   */
  remove(kind: Kind, name: string, namespace: string | undefined, uid: string | undefined): Promise<void>;
  /** Requests sent so far, by HTTP method. */
  readonly requests: Readonly<Record<string, number>>;
}

/**
 * @param fence of this run's lock; asked before each write
 * @param onWrite told of each write that was taken, or may have been
 */
export function createCluster(
  api: Api,
  fence: Fence = () => undefined,
  onWrite: (kind: Kind, name: string) => void = () => undefined,
): Cluster {
  const what = (verb: string, kind: Kind, name?: string, namespace?: string): string => {
    const object = [namespace, name].filter((part) => part !== undefined).join('/');
    const { plural, group } = RESOURCES[kind];
    return `${verb} ${group === '' ? plural : `${plural}.${group}`}${object === '' ? '' : ` ${object}`}`;
  };

  async function get<K extends Kind>(
    kind: K,
    name: string,
    namespace?: string,
  ): Promise<Kinds[K] | undefined> {
    try {
      return (await api.request({
        method: 'GET',
        path: pathOf(kind, namespace, name),
        what: what('get', kind, name, namespace),
      })) as Kinds[K];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function* pages<K extends Kind>(
    kind: K,
    options: ListOptions,
  ): AsyncIterable<{ items: Kinds[K][]; version: string }> {
    let next = '';
    do {
      const page = (await api.request({
        method: 'GET',
        path: pathOf(kind, options.namespace),
        query: {
          limit: String(PAGE_SIZE),
          ...selectors(options),
          ...(next === '' ? {} : { continue: next }),
        },
        what: what('list', kind, undefined, options.namespace),
      })) as { items?: Kinds[K][]; metadata?: { continue?: string; resourceVersion?: string } };
      yield { items: page.items ?? [], version: page.metadata?.resourceVersion ?? '' };
      next = page.metadata?.continue ?? '';
    } while (next !== '');
  }

  async function* list<K extends Kind>(kind: K, options: ListOptions = {}): AsyncIterable<Kinds[K]> {
    const given = new Set<string>();
    for (let tries = 0; ; tries++) {
      try {
        for await (const { items } of pages(kind, options)) {
          for (const item of items) {
            const key = `${item.metadata.namespace ?? ''}/${item.metadata.name}`;
            if (given.has(key)) continue;
            given.add(key);
            yield item;
          }
        }
        return;
      } catch (error) {
        if (!isExpired(error) || tries >= LIST_TRIES) throw error;
      }
    }
  }

  async function listForWatch<K extends Kind>(
    kind: K,
    options: ListOptions = {},
  ): Promise<{ items: Kinds[K][]; version: string }> {
    for (let tries = 0; ; tries++) {
      try {
        const items: Kinds[K][] = [];
        let version = '';
        for await (const page of pages(kind, options)) {
          items.push(...page.items);
          version = page.version;
        }
        return { items, version };
      } catch (error) {
        if (!isExpired(error) || tries >= LIST_TRIES) throw error;
      }
    }
  }

  async function* watch<K extends Kind>(
    kind: K,
    options: ListOptions & { readonly from: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<Kinds[K]>> {
    const lines = api.lines(
      {
        method: 'GET',
        path: pathOf(kind, options.namespace),
        query: {
          watch: 'true',
          resourceVersion: options.from,
          allowWatchBookmarks: 'true',
          ...selectors(options),
        },
        what: what('watch', kind, undefined, options.namespace),
      },
      signal,
    );
    for await (const line of lines) {
      if (line !== '') yield JSON.parse(line) as WatchEvent<Kinds[K]>;
    }
  }

  async function edit<K extends Kind>(
    kind: K,
    name: string,
    namespace: string | undefined,
    decide: (current: Kinds[K]) => object | undefined,
  ): Promise<{ changed: boolean; object: Kinds[K] } | undefined> {
    let sent = false;
    for (let tries = 1; ; tries++) {
      const current = await get(kind, name, namespace);
      if (current === undefined) return undefined;
      const patch = decide(current);
      if (patch === undefined) return { changed: sent, object: current };
      try {
        const object = (await api.request({
          method: 'PATCH',
          fence,
          path: pathOf(kind, namespace, name),
          query: { fieldManager: FIELD_MANAGER },
          body: withVersion(patch, current.metadata.resourceVersion),
          contentType: 'application/merge-patch+json',
          what: what('patch', kind, name, namespace),
        })) as Kinds[K];
        onWrite(kind, name);
        return { changed: true, object };
      } catch (error) {
        const lost = isLost(error);
        if (lost) onWrite(kind, name);
        if ((!lost && !isConflict(error)) || tries >= WRITE_TRIES) throw error;
        // After a conflict it was surely not carried out, and the next look need not wait.
        sent ||= lost;
        if (lost) await api.pause(tries);
      }
    }
  }

  function post<K extends Kind>(
    kind: K,
    object: object,
    namespace: string | undefined,
    how: Pick<ApiRequest, 'fence' | 'rehearses' | 'retryForMs'> & { readonly dryRun?: boolean },
  ): Promise<Kinds[K]> {
    const { dryRun = false, ...rest } = how;
    return api.request({
      method: 'POST',
      path: pathOf(kind, namespace),
      query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
      body: { apiVersion: apiVersionOf(kind), kind, ...object },
      what: what('create', kind, undefined, namespace),
      ...rest,
    }) as Promise<Kinds[K]>;
  }

  async function create<K extends Kind>(kind: K, object: Named, namespace?: string): Promise<Kinds[K]> {
    let sent = false;
    for (let tries = 1; ; tries++) {
      try {
        const made = await post(kind, object, namespace, { fence });
        onWrite(kind, object.metadata.name);
        return made;
      } catch (error) {
        if (isLost(error)) onWrite(kind, object.metadata.name);
        sent ||= isLost(error);
        // That it exists already is news of our own, if we may have made it.
        if (!sent || !(isLost(error) || isConflict(error)) || tries >= WRITE_TRIES) throw error;
        const there = await get(kind, object.metadata.name, namespace);
        if (there !== undefined) return there;
        await api.pause(tries);
      }
    }
  }

  async function remove(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    uid: string | undefined,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await api.request({
          method: 'DELETE',
          fence,
          path: pathOf(kind, namespace, name),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: 'Foreground',
            ...(uid === undefined ? {} : { preconditions: { uid } }),
          },
          what: what('delete', kind, name, namespace),
        });
        onWrite(kind, name);
        return;
      } catch (error) {
        if (isLost(error)) onWrite(kind, name);
        if (isNotFound(error)) return;
        // Without a uid the next one of that name could be somebody else's.
        if (!isLost(error) || uid === undefined || tries >= WRITE_TRIES) throw error;
        const there = await get(kind, name, namespace);
        if (there?.metadata.uid !== uid || there.metadata.deletionTimestamp !== undefined) return;
        await api.pause(tries);
      }
    }
  }

  return {
    version: async (retryForMs = 10_000) => {
      const answer = await api.request({ method: 'GET', path: '/version', what: 'get /version', retryForMs });
      const version = (answer as { gitVersion?: unknown }).gitVersion;
      if (typeof version !== 'string') {
        throw new ApiError('get /version', 0, 'BadAnswer', 'the server is not a Kubernetes API server');
      }
      return version;
    },
    get,
    list,
    listForWatch,
    watch,
    edit,
    create,
    rehearse: async (kind, object, namespace) => {
      try {
        const how = { dryRun: true, rehearses: true, retryForMs: REHEARSE_MS };
        return { admitted: true, object: await post(kind, object, namespace, how) };
      } catch (error) {
        // 500 is also how a webhook says no, or that nobody answers there.
        if (error instanceof ApiError && isJudgement(error.status)) {
          return { admitted: false, reason: error.message, status: error.status };
        }
        throw error;
      }
    },
    may: async (permission) => {
      const review = await post(
        'SelfSubjectAccessReview',
        { metadata: {}, spec: { resourceAttributes: permission } },
        undefined,
        { rehearses: true },
      );
      return review.status?.allowed === true;
    },
    remove,
    requests: api.counts,
  };
}

/** The request may or may not have been carried out. */
function isLost(error: unknown): boolean {
  return error instanceof ApiError && isUncertain(error.status);
}

/** An answer about the object, and not about the server's load, its way, or who asks. */
function isJudgement(status: number): boolean {
  return status >= 400 && status <= 500 && status !== 401 && status !== 429;
}

function withVersion(patch: object, resourceVersion: string | undefined): object {
  const metadata = 'metadata' in patch ? (patch.metadata as object) : {};
  return { ...patch, metadata: { ...metadata, resourceVersion } };
}

function selectors(options: ListOptions): Record<string, string> {
  return {
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
}
