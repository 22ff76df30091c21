import type { Api } from './api.ts';
import type { Fence } from './fence.ts';
import type { Metadata } from './objects.ts';
import { readsOf } from './reads.ts';
import type { Kind, Kinds } from './resource.ts';
import { versionsOf } from './versions.ts';
import { writesOf } from './writes.ts';

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

/** An object to be applied: all of it that its manager decides. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<Metadata, 'name' | 'namespace' | 'labels' | 'annotations'>;
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
  /** Whether there is any object of a resource that is none of {@link Kinds}, in all namespaces. */
  any(group: string, version: string, plural: string): Promise<boolean>;
  /** All objects of such a resource, in pages of 500; where the pages are not kept any more it begins anew, and gives some of them twice. */
  custom(
    group: string,
    version: string,
    plural: string,
    options?: Pick<ListOptions, 'labelSelector'>,
  ): AsyncIterable<unknown>;
  /** Resources of an API group by their plural, and the version in which each is best asked for; empty where there is none. */
  served(group: string): Promise<ReadonlyMap<string, string>>;
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
   * Applies an object on the server's side (`kubectl apply --server-side --force-conflicts`) as another field manager:
   * what is not in it any more goes where that manager set it, and all that others set stays. Reads what is there first,
   * and starts over when that moved on.
   *
   * @param object the whole of what the manager wants; its version becomes the one that the cluster serves
   * @param manager in whose name, so that the next one who writes in it knows what is its own
   */
  apply(kind: Kind, object: Applied, manager: string): Promise<void>;
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
  /** Bytes and listed objects that came so far. */
  readonly received: { readonly bytes: number; readonly objects: number };
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
  const versions = versionsOf(api);
  const reads = readsOf(api, versions);
  return {
    ...reads,
    ...writesOf(api, versions, reads.get, fence, onWrite),
    requests: api.counts,
    received: api.received,
  };
}
