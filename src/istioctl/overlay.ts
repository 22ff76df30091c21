import { type SetValue, UnfaithfulSetValue, parseSetValue } from './set-value.ts';

type Tree = Record<string, unknown>;

/**
 * `--set` lines as the text of an IstioOperator file: given as the last file it has the effect that the lines would
 * have on the command line, where their secrets would be shown to everybody on the machine (promise 10).
 *
 * Files are merged key by key, but a list replaces a list. Where a line reaches into a list, the overlay therefore
 * begins with the list that the user's files have there.
 *
 * @param userSpec `spec` of the user's files, merged
 * @throws UnfaithfulSetValue
 */
export function renderOverlay(set: readonly string[], userSpec: unknown): string {
  const spec: Tree = {};
  for (const line of set) {
    const setValue = parseSetValue(line);
    assign(spec, asTree(userSpec) ?? {}, setValue.segments, setValue);
  }
  return specText(spec);
}

/** An IstioOperator file. */
export function specText(spec: object): string {
  // JSON is YAML without its surprises: no word of it is read as a number, a boolean or a date.
  return `${JSON.stringify({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }, null, 2)}\n`;
}

/** Merges the `spec`s of IstioOperator files as istioctl does: maps key by key, anything else is replaced. */
export function mergeSpecs(specs: readonly unknown[]): unknown {
  return specs.reduce((below: unknown, above) => mergeOver(below, above), {});
}

function mergeOver(below: unknown, above: unknown): unknown {
  const [base, top] = [asTree(below), asTree(above)];
  if (base === undefined || top === undefined) return above ?? below;
  const merged = Object.entries(top).map(([key, value]) => [
    key,
    asTree(value) ? mergeOver(base[key], value) : value,
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

/** Sets a value in `tree`; `user` is the same place in the user's files. Follows `setPathRecurse` of istioctl. */
function assign(tree: Tree, user: Tree, [key = '', next, ...rest]: readonly string[], from: SetValue): void {
  if (key.startsWith('['))
    throw new UnfaithfulSetValue(from.path, 'a list directly in a list is not understood');
  if (next === undefined) define(tree, key, from.value);
  else if (next.startsWith('[')) assignInList(listAt(tree, user, key, from), next, rest, from);
  else assign(treeAt(tree, key, from), asTree(own(user, key)) ?? {}, [next, ...rest], from);
}

function assignInList(list: unknown[], selector: string, rest: readonly string[], from: SetValue): void {
  const element = list[indexOf(list, selector, from)];
  if (element === undefined) {
    // Whatever the number, istioctl appends.
    list.push(rest.length === 0 ? from.value : built(rest, from));
    return;
  }
  const tree = asTree(element);
  // istioctl panics at both.
  if (tree === undefined || rest.length === 0) {
    throw new UnfaithfulSetValue(from.path, 'a list element that is there can only be changed by its keys');
  }
  assign(tree, {}, rest, from);
}

function built(segments: readonly string[], from: SetValue): Tree {
  const tree: Tree = {};
  assign(tree, {}, segments, from);
  return tree;
}

/** Position that `[3]` or `[name:http]` selects; -1 where that number is not there yet. */
function indexOf(list: readonly unknown[], selector: string, { path }: SetValue): number {
  const inner = /^\[(.*)\]$/.exec(selector)?.[1] ?? '';
  if (/^[+-]?\d+$/.test(inner)) return Number(inner) < list.length ? Number(inner) : -1;
  const colon = inner.indexOf(':');
  if (colon < 0) throw new UnfaithfulSetValue(path, `${selector} selects no element of a list`);
  const [key, value] = [inner.slice(0, colon), inner.slice(colon + 1)];
  const index = list.findIndex((element) => asTree(element)?.[key] === value);
  if (index < 0)
    throw new UnfaithfulSetValue(path, `the files that it is given with have no element ${selector} there`);
  return index;
}

function listAt(tree: Tree, user: Tree, key: string, { path }: SetValue): unknown[] {
  const present = own(tree, key) ?? structuredClone(own(user, key)) ?? [];
  if (!Array.isArray(present))
    throw new UnfaithfulSetValue(path, 'it selects an element of something that is no list');
  define(tree, key, present);
  return present as unknown[];
}

function treeAt(tree: Tree, key: string, { path }: SetValue): Tree {
  const present = own(tree, key);
  const below = present === undefined ? {} : asTree(present);
  if (below === undefined)
    throw new UnfaithfulSetValue(path, 'an earlier line set a part of the path to a value');
  define(tree, key, below);
  return below;
}

function own(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** Also for keys such as `__proto__`, which an assignment would not make. */
function define(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true });
}

function asTree(value: unknown): Tree | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : undefined;
}
