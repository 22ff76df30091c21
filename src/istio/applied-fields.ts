import { treeOf } from './leaves.ts';

/** In whose name istioctl applies, of all releases (seen in `managedFields`). */
export const ISTIOCTL_MANAGER = 'istio-operator';

/**
 * The part of a live object that istioctl has applied, by the API server's own account (`managedFields`): what the next
 * install does not bring again, the server takes away. All else stays: defaults of the server, what controllers keep
 * (`replicas`, ports of nodes, addresses), and what others have added.
 */
export function appliedPart(object: object): object {
  const fields = managedBy(object);
  return fields.reduce<object>((whole, one) => merged(whole, treeOf(partOf(object, one))), {});
}

function managedBy(object: object): unknown[] {
  const managed = treeOf(Reflect.get(object, 'metadata')).managedFields;
  return (Array.isArray(managed) ? managed : [])
    .map(treeOf)
    .filter(({ manager, subresource }) => manager === ISTIOCTL_MANAGER && subresource === undefined)
    .map(({ fieldsV1 }) => fieldsV1);
}

/** Follows the server's field set (`f:name`, `k:{"port":80}`, `.`) down a value. Nothing below is the whole of it. */
function partOf(value: unknown, fields: unknown): unknown {
  const below = Object.entries(treeOf(fields)).filter(([key]) => key !== '.');
  if (below.length === 0) return value;
  if (Array.isArray(value)) {
    return below.flatMap(([key, deeper]) => {
      const item: unknown = value.find((one) => isItem(one, key));
      return item === undefined ? [] : [partOf(item, deeper)];
    });
  }
  const tree = treeOf(value);
  return Object.fromEntries(
    below
      .map(([key, deeper]) => [key.slice('f:'.length), deeper] as const)
      .filter(([name]) => tree[name] !== undefined)
      .map(([name, deeper]) => [name, isEmptyMap(name, deeper) ? {} : partOf(tree[name], deeper)]),
  );
}

/** Applied with nothing in it: what is in it now is of others. Of all else that has nothing below, the value is one. */
function isEmptyMap(name: string, below: unknown): boolean {
  return ['labels', 'annotations'].includes(name) && Object.keys(treeOf(below)).length === 0;
}

function isItem(item: unknown, key: string): boolean {
  if (key.startsWith('v:')) return JSON.stringify(item) === key.slice('v:'.length);
  if (!key.startsWith('k:')) return false;
  const wanted = treeOf(JSON.parse(key.slice('k:'.length)));
  const has = treeOf(item);
  return Object.entries(wanted).every(([name, value]) => has[name] === value);
}

function merged(one: object, other: object): object {
  const all = new Map<string, unknown>(Object.entries(one));
  for (const [key, value] of Object.entries(other)) {
    const there = all.get(key);
    const isMap = typeof there === 'object' && there !== null && !Array.isArray(there);
    all.set(key, isMap ? merged(there, treeOf(value)) : value);
  }
  return Object.fromEntries(all);
}
