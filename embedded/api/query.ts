import { badRequest, unknown } from './refusal.ts';

/** The parameters of a request. */
export type Query = ReadonlyMap<string, string>;

const SELECTORS = ['labelSelector', 'fieldSelector'];
const WRITE = ['fieldManager', 'dryRun'];

/** The parameters that each verb understands. */
const UNDERSTOOD: Readonly<Record<string, readonly string[]>> = {
  get: [],
  list: [...SELECTORS, 'limit', 'continue'],
  watch: [...SELECTORS, 'watch', 'resourceVersion', 'allowWatchBookmarks'],
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, 'force'],
  delete: ['dryRun'],
};

/** Reads the parameters of a URL; each must be one that the verb understands. */
export function queryOf(verb: string, search: URLSearchParams): Query {
  for (const name of search.keys()) {
    if (UNDERSTOOD[verb]?.includes(name) !== true) throw unknown(`the parameter "${name}" of ${verb}`);
  }
  return new Map(search);
}

/** Whether a write is only rehearsed. */
export function isDryRun(query: Query): boolean {
  const value = query.get('dryRun');
  if (value !== undefined && value !== 'All')
    throw badRequest(`dryRun: Unsupported value: "${value}": supported values: "All"`);
  return value === 'All';
}
