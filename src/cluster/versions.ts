import type { Api } from './api.ts';
import { isNotFound } from './api-error.ts';
import { type Kind, RESOURCES } from './resource.ts';
import { servedIn } from './served.ts';

/** Asks for objects of a kind in the version of its API group that this cluster serves, and remembers which that is. */
export interface Versions {
  /** The version of a kind that is served, as far as it is known by now; else its newest. */
  of(kind: Kind): Promise<string>;
  /**
   * Asks in that version, and where nothing is found in it before it is known to be served, once more in the one that is.
   *
   * @param ask sends the request; what was not found has changed nothing, so that a write may be sent again
   * @throws what `ask` throws; the first "not found" where the cluster serves none of the versions
   */
  ask<T>(kind: Kind, ask: (version: string) => Promise<T>): Promise<T>;
}

/** A cluster that serves the newest version is never asked what it serves, but for an object that is not there. */
export function versionsOf(api: Pick<Api, 'request'>): Versions {
  const known = new Map<Kind, Promise<string>>();

  async function of(kind: Kind): Promise<string> {
    return (await known.get(kind)) ?? RESOURCES[kind].versions[0];
  }

  /** What of them is served; the newest where none is. */
  async function lookUp(kind: Kind): Promise<string> {
    const { group, plural, versions } = RESOURCES[kind];
    const served = (await servedIn(api, group, versions)).get(plural) ?? '';
    return versions.includes(served) ? served : versions[0];
  }

  function served(kind: Kind): Promise<string> {
    const found =
      known.get(kind) ??
      lookUp(kind).catch((error: unknown) => {
        known.delete(kind);
        throw error;
      });
    known.set(kind, found);
    return found;
  }

  return {
    of,
    ask: async (kind, ask) => {
      const version = await of(kind);
      try {
        const answer = await ask(version);
        known.set(kind, Promise.resolve(version));
        return answer;
      } catch (error) {
        if (!isNotFound(error) || RESOURCES[kind].versions.length === 1) throw error;
        const other = await served(kind);
        if (other === version) throw error;
        return ask(other);
      }
    },
  };
}
