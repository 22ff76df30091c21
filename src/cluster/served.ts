import type { Api } from './api.ts';
import { ApiError, isNotFound } from './api-error.ts';

/**
 * What an API group serves: each resource by its plural, and the first version that has it, the server's own choice before
 * the others. Kinds of one group are not all in each of its versions (EnvoyFilter is in `v1alpha3` alone).
 *
 * @param wanted versions that come before the server's choice, the best first
 */
export async function servedIn(
  api: Pick<Api, 'request'>,
  group: string,
  wanted: readonly string[] = [],
): Promise<Map<string, string>> {
  const path = `/apis/${group}`;
  const found = await unlessNotThere(api.request({ method: 'GET', path, what: `get ${path}` }));
  if (found === undefined) return new Map();
  const { preferredVersion, versions } = found as {
    readonly preferredVersion?: { readonly version?: string };
    readonly versions?: readonly { readonly version: string }[];
  };
  if (!Array.isArray(versions))
    throw new ApiError(`get ${path}`, 0, 'BadAnswer', `get ${path}: the answer is no API group`);
  const names = (versions as readonly { readonly version: string }[]).map(({ version }) => version);
  const first = wanted.filter((name) => names.includes(name));
  const ordered = [...new Set([...first, preferredVersion?.version ?? '', ...names])].filter(
    (name) => name !== '',
  );
  const lists = await Promise.all(
    ordered.map(async (version) => {
      const answer = await unlessNotThere(
        api.request({
          method: 'GET',
          path: `${path}/${version}`,
          what: `get ${path}/${version}`,
          lists: true,
        }),
      );
      const { resources } = (answer ?? {}) as {
        readonly resources?: readonly { readonly name: string }[] | null;
      };
      return (resources ?? []).map(({ name }) => [name, version] as const);
    }),
  );
  // The first that names it wins.
  return new Map(lists.flat().reverse());
}

async function unlessNotThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
