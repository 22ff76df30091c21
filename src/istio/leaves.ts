import { asList, quantity, text } from './content.ts';

/** Key paths of an object, each with its value as a text. */
export type Leaves = ReadonlyMap<string, string>;

type Tree = Readonly<Record<string, unknown>>;

/**
 * Lists whose items the API server takes one by one, by the field that tells them apart (`x-kubernetes-list-map-keys` of
 * Kubernetes' own kinds), and one of Istio's. Every other list is one value.
 */
const ITEM_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['port', 'containerPort'],
  extensionProviders: ['name'],
};

/** Maps that the API server takes as one value. */
const WHOLE_MAPS = ['nodeSelector', 'selector', 'matchLabels', 'valueFrom', 'fieldRef', 'resourceFieldRef'];

/**
 * Takes a value apart: `spec.ports[443].name`. What is empty counts as not there, amounts are written in one way, and
 * what the API server adds within a list that is one value is left out. So what is rendered and what it became compare
 * equal, in whatever order they are written.
 */
export function leavesInto(path: string, value: unknown, into: Map<string, string>): void {
  if (value === undefined || value === null || value === '') return;
  const field = /[^.[\]]*$/.exec(path)?.[0] ?? '';
  if (Array.isArray(value)) listInto(path, field, value, into);
  else if (typeof value !== 'object') into.set(path, isAmount(path) ? quantity(value) : text(value));
  else if (WHOLE_MAPS.includes(field)) wholeInto(path, value, into);
  else
    for (const [key, below] of Object.entries(value))
      leavesInto(path === '' ? key : `${path}.${key}`, below, into);
}

function listInto(path: string, field: string, list: readonly unknown[], into: Map<string, string>): void {
  const names = list.map((item) => nameOfItem(field, item));
  if (names.includes(undefined) || new Set(names).size < names.length) {
    wholeInto(path, list, into);
    return;
  }
  list.forEach((item, index) => {
    const at = `${path}[${names[index] ?? ''}]`;
    const keys = ITEM_KEYS[field] ?? [];
    const rest = Object.entries(item as Tree).filter(
      ([key, below]) => !keys.includes(key) && !(key === 'protocol' && below === 'TCP'),
    );
    const before = into.size;
    // A variable is its value.
    if (field === 'env')
      for (const [key, below] of rest) leavesInto(key === 'value' ? at : `${at}.${key}`, below, into);
    else leavesInto(at, Object.fromEntries(rest), into);
    if (into.size === before) into.set(at, '');
  });
}

function nameOfItem(field: string, item: unknown): string | undefined {
  const { protocol, ...fields } = treeOf(item);
  const value = (ITEM_KEYS[field] ?? []).map((key) => fields[key]).find((one) => one !== undefined);
  if (value === undefined) return undefined;
  return protocol === undefined || protocol === 'TCP' ? text(value) : `${text(value)}/${text(protocol)}`;
}

function wholeInto(path: string, value: object, into: Map<string, string>): void {
  const canonical = JSON.stringify(plain(value));
  if (canonical !== '[]' && canonical !== '{}') into.set(path, canonical);
}

/** What the API server adds within values that it takes as one. */
const ADDED: Readonly<Record<string, readonly string[]>> = { apiVersion: ['v1'], divisor: ['0'] };

/** In one order, without what the API server adds. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return asList(value).map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries
      .filter(([key, below]) => ADDED[key]?.includes(text(below)) !== true)
      .map(([key, below]) => [key, plain(below)]),
  );
}

function isAmount(path: string): boolean {
  return /\.resources\.(limits|requests)\.[^.]+$/.test(path);
}

/** Nothing where it is no map. */
export function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}
