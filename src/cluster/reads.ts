import type { Api } from './api.ts';
import { ApiError, isExpired, isNotFound } from './api-error.ts';
import type { Cluster, ListOptions, WatchEvent } from './cluster.ts';
import { create } from './post.ts';
import { type Kind, type Kinds, pathOf } from './resource.ts';
import { servedIn } from './served.ts';
import type { Versions } from './versions.ts';
import { what } from './what.ts';

const PAGE_SIZE = 500;
/** So often a list in pages begins anew when the pages to come are not kept any more (410). */
const LIST_TRIES = 3;
/** A rehearsal that fails by a webhook fails with 500, too: that is repeated for no longer than this. */
const REHEARSE_MS = 10_000;

/** What of the port persists nothing. */
type Reads = Pick<
  Cluster,
  'version' | 'get' | 'list' | 'any' | 'custom' | 'served' | 'listForWatch' | 'watch' | 'rehearse' | 'may'
>;

/** Requests that only read, dry runs and access reviews among them. */
export function readsOf(api: Api, versions: Versions): Reads {
  async function get<K extends Kind>(
    kind: K,
    name: string,
    namespace?: string,
  ): Promise<Kinds[K] | undefined> {
    try {
      return (await versions.ask(kind, (version) =>
        api.request({
          method: 'GET',
          path: pathOf(kind, version, namespace, name),
          what: what('get', kind, name, namespace),
        }),
      )) as Kinds[K];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  interface Page<K extends Kind> {
    /** Go may write null where there are none. */
    items?: Kinds[K][] | null;
    metadata?: { continue?: string; resourceVersion?: string };
  }

  function page<K extends Kind>(kind: K, options: ListOptions, next: string): Promise<Page<K>> {
    return versions.ask(kind, (version) =>
      api.request({
        method: 'GET',
        path: pathOf(kind, version, options.namespace),
        query: pageQuery(options, next),
        what: what('list', kind, undefined, options.namespace),
        lists: true,
        ...(kind === 'Pod' ? { packed: true } : {}),
      }),
    ) as Promise<Page<K>>;
  }

  /** While one page is looked at, the next is on its way. */
  async function* pages<K extends Kind>(
    kind: K,
    options: ListOptions,
  ): AsyncIterable<{ items: Kinds[K][]; version: string }> {
    let coming: Promise<Page<K>> | undefined = page(kind, options, '');
    while (coming !== undefined) {
      const got: Page<K> = await coming;
      api.received.objects += got.items?.length ?? 0;
      const next = got.metadata?.continue ?? '';
      coming = next === '' ? undefined : page(kind, options, next);
      // Told where it is waited for; whoever has seen enough does not wait for it.
      coming?.catch(() => undefined);
      yield { items: got.items ?? [], version: got.metadata?.resourceVersion ?? '' };
    }
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
        path: pathOf(kind, await versions.of(kind), options.namespace),
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

  async function* custom(
    group: string,
    version: string,
    plural: string,
    options: Pick<ListOptions, 'labelSelector'> = {},
  ): AsyncIterable<unknown> {
    for (let next: string | undefined = '', tries = 0; next !== undefined;) {
      try {
        const page = (await api.request({
          method: 'GET',
          path: `/apis/${group}/${version}/${encodeURIComponent(plural)}`,
          query: pageQuery(options, next),
          what: `list ${plural}.${group}`,
          lists: true,
        })) as { items?: unknown[] | null; metadata?: { continue?: string } };
        api.received.objects += page.items?.length ?? 0;
        yield* page.items ?? [];
        next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
      } catch (error) {
        if (!isExpired(error) || ++tries >= LIST_TRIES) throw error;
        next = '';
      }
    }
  }

  return {
    version: async (retryForMs = 10_000) => {
      const answer = await api.request({
        method: 'GET',
        path: '/version',
        what: 'get /version',
        first: true,
        retryForMs,
      });
      const version = (answer as { gitVersion?: unknown }).gitVersion;
      if (typeof version !== 'string') {
        throw new ApiError('get /version', 0, 'BadAnswer', 'the server is not a Kubernetes API server');
      }
      return version;
    },
    get,
    list,
    any: async (group, version, plural) => {
      const page = (await api.request({
        method: 'GET',
        path: `/apis/${group}/${version}/${encodeURIComponent(plural)}`,
        query: { limit: '1' },
        what: `list ${plural}.${group}`,
        lists: true,
      })) as { items?: unknown[] | null };
      return (page.items ?? []).length > 0;
    },
    custom,
    served: (group) => servedIn(api, group),
    listForWatch,
    watch,
    rehearse: async (kind, object, namespace) => {
      try {
        const how = { dryRun: true, rehearses: true, retryForMs: REHEARSE_MS };
        return { admitted: true, object: await create(api, versions, kind, object, namespace, how) };
      } catch (error) {
        // 500 is also how a webhook says no, or that nobody answers there.
        if (error instanceof ApiError && isJudgement(error.status)) {
          return { admitted: false, reason: error.message, status: error.status };
        }
        throw error;
      }
    },
    may: async (permission) => {
      const review = await create(
        api,
        versions,
        'SelfSubjectAccessReview',
        { metadata: {}, spec: { resourceAttributes: permission } },
        undefined,
        { rehearses: true },
      );
      return review.status?.allowed === true;
    },
  };
}

/** An answer about the object, and not about the server's load, its way, or who asks. */
function isJudgement(status: number): boolean {
  return status >= 400 && status <= 500 && status !== 401 && status !== 429;
}

function pageQuery(options: ListOptions, next: string): Record<string, string> {
  return {
    limit: String(PAGE_SIZE),
    ...selectors(options),
    ...(next === '' ? {} : { continue: next }),
  };
}

function selectors(options: ListOptions): Record<string, string> {
  return {
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
}
