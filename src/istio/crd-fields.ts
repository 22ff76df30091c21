import { asList } from './content.ts';
import { treeOf } from './leaves.ts';

/** An OpenAPI schema of a CRD's version, as far as it is looked at. */
export type Schema = Readonly<Record<string, unknown>>;

/** The schema of each version of a CustomResourceDefinition that is served, by its name; none where it has no schema. */
export function schemasOf(crd: unknown): ReadonlyMap<string, Schema> {
  return new Map(
    asList(treeOf(treeOf(crd).spec).versions).flatMap((version) => {
      const { name, schema, served } = treeOf(version);
      const root = treeOf(treeOf(schema).openAPIV3Schema);
      return typeof name !== 'string' || served === false || Object.keys(root).length === 0
        ? []
        : [[name, root] as const];
    }),
  );
}

/**
 * A version that both have and in which the one knows fields that the other does not; undefined where there is none. An
 * object of it is read in that version.
 */
export function narrowedVersion(
  wide: ReadonlyMap<string, Schema>,
  narrow: ReadonlyMap<string, Schema>,
): string | undefined {
  return [...wide.keys()].find((name) => {
    const [known, left] = [wide.get(name), narrow.get(name)];
    return known !== undefined && left !== undefined && isNarrower(known, left);
  });
}

/** Whether some field that one schema knows is not in the other. */
function isNarrower(wide: Schema, narrow: Schema): boolean {
  if (isOpen(narrow)) return false;
  const fields = treeOf(wide.properties);
  return (
    Object.keys(fields).some((name) => {
      const left = fieldOf(narrow, name);
      return left === undefined || isNarrower(treeOf(fields[name]), left);
    }) || ['items', 'additionalProperties'].some((below) => isBelowNarrower(wide[below], narrow[below]))
  );
}

function isBelowNarrower(wide: unknown, narrow: unknown): boolean {
  const [known, left] = [treeOf(wide), treeOf(narrow)];
  return Object.keys(known).length > 0 && Object.keys(left).length > 0 && isNarrower(known, left);
}

/**
 * The fields that an object has and that the narrower schema does not know, such as `spec.http[].retries`: the API server
 * drops them from what it hands out as soon as that schema is there. What neither knows was never kept.
 */
export function lostFields(object: unknown, wide: Schema, narrow: Schema): string[] {
  const { spec } = treeOf(object);
  const [known, left] = [fieldOf(wide, 'spec'), fieldOf(narrow, 'spec')];
  if (known === undefined || left === undefined) return [];
  return [...new Set(lostIn(spec, known, left, 'spec'))];
}

function lostIn(value: unknown, wide: Schema, narrow: Schema, path: string): string[] {
  if (isOpen(narrow)) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item) => lostIn(item, treeOf(wide.items), treeOf(narrow.items), `${path}[]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => {
    const [known, left] = [fieldOf(wide, name), fieldOf(narrow, name)];
    if (known === undefined) return [];
    return left === undefined ? [`${path}.${name}`] : lostIn(below, known, left, `${path}.${name}`);
  });
}

/** Keeps whatever it is given. */
function isOpen(schema: Schema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    Object.keys(schema).length === 0
  );
}

/** The schema of a field; of a map, that of any key. */
function fieldOf(schema: Schema, name: string): Schema | undefined {
  const properties = treeOf(schema.properties);
  if (Object.hasOwn(properties, name)) return treeOf(properties[name]);
  const any = treeOf(schema.additionalProperties);
  return Object.keys(any).length === 0 ? undefined : any;
}
