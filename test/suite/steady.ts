import { differences } from './differences.ts';
import type { Objects } from './objects.ts';
import type { Ref } from './scenario.ts';

/** How often the content of objects was changed: the API server counts it in `metadata.generation`. */
export async function generationsOf(
  objects: Objects,
  refs: readonly Ref[] = [],
): Promise<Record<Ref, number | undefined>> {
  const found = await Promise.all(
    refs.map(async (ref) => {
      const { generation } = ((await objects.get(ref))?.metadata ?? {}) as { readonly generation?: number };
      return [ref, generation] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** What was changed since, a line each. An object without a count, or one that is not there, shows nothing: it is told, too. */
export async function judgeSteady(
  objects: Objects,
  before: Readonly<Record<Ref, number | undefined>>,
): Promise<string[]> {
  const uncounted = Object.entries(before).filter(([, count]) => count === undefined);
  return [
    ...uncounted.map(([ref]) => `${ref} has no count of its changes`),
    ...differences(
      await generationsOf(objects, Object.keys(before)),
      before,
      'times that content was changed',
    ),
  ];
}
