import type { KubeObject, Labels, ManagedFields } from '../objects.ts';
import { now } from './store.ts';

const FIELDS = ['labels', 'annotations'] as const;
type Owned = Readonly<Record<string, Readonly<Record<string, object>>>>;

const ownedOf = (entry: ManagedFields | undefined): Owned => (entry?.fieldsV1['f:metadata'] ?? {}) as Owned;

/** Who manages a request's fields: the parameter `fieldManager`, or else the user agent up to its first slash. */
export function managerOf(fieldManager: string | undefined, userAgent: string): string {
  return fieldManager ?? /^[^/ ]*/.exec(userAgent)?.[0] ?? '';
}

/**
 * An object with the account of who wrote its labels and annotations (case M28): what a write sets or changes belongs
 * to its manager from then on, what it takes away to nobody.
 */
export function withManager(object: KubeObject, before: KubeObject | undefined, manager: string): KubeObject {
  const entries = before?.metadata.managedFields ?? [];
  const others = entries.filter((entry) => entry.manager !== manager);
  const own = entries.find((entry) => entry.manager === manager);
  const written = (field: (typeof FIELDS)[number]): string[] => {
    const [is, was] = [object, before].map((one) => one?.metadata[field] ?? {}) as [Labels, Labels];
    return Object.keys(is).filter((key) => is[key] !== was[key]);
  };
  const set = new Map(FIELDS.map((field) => [field, written(field)]));
  /** What is left to a manager that wrote earlier. */
  const keeps = (entry: ManagedFields | undefined, field: (typeof FIELDS)[number]): string[] =>
    Object.keys(ownedOf(entry)[`f:${field}`] ?? {})
      .filter((name) => name !== '.')
      .map((name) => name.slice('f:'.length))
      .filter((key) => object.metadata[field]?.[key] !== undefined && set.get(field)?.includes(key) !== true);
  const managedFields: ManagedFields[] = [
    ...others.map((entry) => ({
      ...entry,
      fieldsV1: { 'f:metadata': fieldsOf((field) => keeps(entry, field)) },
    })),
    {
      manager,
      operation: 'Update',
      apiVersion: object.apiVersion,
      time: now(),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': fieldsOf((field) => [...keeps(own, field), ...(set.get(field) ?? [])]) },
    },
  ].filter(({ fieldsV1 }) => Object.keys(fieldsV1['f:metadata'] as object).length > 0);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function fieldsOf(keysOf: (field: (typeof FIELDS)[number]) => readonly string[]): Owned {
  return Object.fromEntries(
    FIELDS.map((field) => [field, keysOf(field)] as const)
      .filter(([, keys]) => keys.length > 0)
      .map(([field, keys]) => [
        `f:${field}`,
        { '.': {}, ...Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
      ]),
  );
}
