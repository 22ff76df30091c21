import type { Api, ApiRequest } from './api.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { type Kind, type Kinds, apiVersionOf, pathOf } from './resource.ts';
import type { Versions } from './versions.ts';
import { what } from './what.ts';

/** Sends a create, or with `dryRun` one that the server forgets. */
export function create<K extends Kind>(
  api: Api,
  versions: Versions,
  kind: K,
  object: object,
  namespace: string | undefined,
  how: Pick<ApiRequest, 'fence' | 'rehearses' | 'retryForMs'> & { readonly dryRun?: boolean },
): Promise<Kinds[K]> {
  const { dryRun = false, ...rest } = how;
  return versions.ask(kind, (version) =>
    api.request({
      method: 'POST',
      path: pathOf(kind, version, namespace),
      query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
      body: { ...object, apiVersion: apiVersionOf(kind, version), kind },
      what: what('create', kind, undefined, namespace),
      ...rest,
    }),
  ) as Promise<Kinds[K]>;
}
