import { KINDS, type Kind } from '../kinds.ts';
import type { Draft, KubeObject, ManagedFields } from '../objects.ts';
import { mergePatch } from './merge.ts';
import { now } from './store.ts';

type Tree = Readonly<Record<string, unknown>>;

/** Whose applies are accounted for: field by field, lists as one. Of all others only what they write of namespaces is. */
const APPLIER = 'istio-operator';

/** Whether a write is an apply whose fields are accounted for. */
export function isApplied(kind: Kind, manager: string | undefined): manager is string {
  return manager === APPLIER && kind !== KINDS.Namespace && kind !== KINDS.CustomResourceDefinition;
}

/** What an apply makes of an object: its fields are taken over, and those that it brought before and does not now go. */
export function appliedOver(body: Draft): (current: KubeObject) => Draft {
  return (current) => {
    const before = current.metadata.managedFields?.find(({ manager }) => manager === APPLIER);
    return mergePatch(without(current, before?.fieldsV1, fieldsOf(contentOf(body))), body) as Draft;
  };
}

/** The object with the account of what was applied. */
export function withApplied(object: KubeObject, body: Draft): KubeObject {
  const managedFields: ManagedFields[] = [
    ...(object.metadata.managedFields ?? []).filter(({ manager }) => manager !== APPLIER),
    {
      manager: APPLIER,
      operation: 'Apply',
      apiVersion: object.apiVersion,
      time: now(),
      fieldsType: 'FieldsV1',
      fieldsV1: fieldsOf(contentOf(body)),
    },
  ];
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function contentOf({ metadata, ...rest }: Draft): Tree {
  const { labels, annotations } = metadata ?? {};
  const content = Object.entries(rest).filter(([field]) => !['apiVersion', 'kind', 'status'].includes(field));
  return {
    ...Object.fromEntries(content),
    metadata: { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  };
}

function fieldsOf(value: Tree): Tree {
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [`f:${key}`, isTree(below) ? fieldsOf(below) : {}]),
  );
}

/** A value without the fields of one set that are not in the other. */
function without(value: unknown, had: unknown, has: unknown): unknown {
  if (!isTree(value) || !isTree(had)) return value;
  const entries = Object.entries(value).flatMap(([key, below]): [string, unknown][] => {
    const [before, after] = [had, has].map((set) => (isTree(set) ? set[`f:${key}`] : undefined));
    if (before === undefined) return [[key, below]];
    if (after === undefined && !isTree(below)) return [];
    return [[key, without(below, before, after)]];
  });
  return Object.fromEntries(entries);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
