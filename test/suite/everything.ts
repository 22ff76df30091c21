import type { ClusterObject } from '../support/normalise.ts';
import type { Api } from './api.ts';

/** A kind that can be listed, by the name that `kubectl api-resources` gives it. */
interface Kind {
  readonly name: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

/** All objects of a cluster, of every kind that its API server says it has, but those that are ignored. */
export async function everything(api: Api, ignored: readonly string[]): Promise<ClusterObject[]> {
  const kinds = (await discover(api)).filter(({ name }) => !ignored.includes(name));
  return (await Promise.all(kinds.map((kind) => listOf(api, kind)))).flat();
}

/** Each group in the version that the server prefers, as kubectl takes it. */
async function discover(api: Api): Promise<Kind[]> {
  const { groups } = (await read(api, '/apis')) as {
    groups: { preferredVersion: { groupVersion: string } }[];
  };
  const paths = [
    '/api/v1',
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const lists = await Promise.all(
    paths.map(async (path) => ({ path, list: (await read(api, path)) as ResourceList })),
  );
  return lists.flatMap(({ path, list: { groupVersion, resources } }) =>
    resources
      .filter(({ verbs, name }) => verbs.includes('list') && !name.includes('/'))
      .map(({ name, kind }) => ({
        name: groupVersion.includes('/') ? `${name}.${groupVersion.split('/')[0] ?? ''}` : name,
        path: `${path}/${name}`,
        apiVersion: groupVersion,
        kind,
      })),
  );
}

async function listOf(api: Api, { path, apiVersion, kind }: Kind): Promise<ClusterObject[]> {
  const { items } = (await read(api, path)) as { items: ClusterObject[] };
  // Items of a list do not say what they are.
  return items.map((item) => ({ ...item, apiVersion, kind }));
}

async function read(api: Api, path: string): Promise<unknown> {
  const { status, body } = await api({ method: 'GET', path });
  if (status === 200) return body;
  throw new Error(`GET ${path}: ${String(status)}`);
}
