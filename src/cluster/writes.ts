import type { Api } from './api.ts';
import { ApiError, isConflict, isNotFound, isStoppedByAdmission } from './api-error.ts';
import type { Applied, Cluster, Named } from './cluster.ts';
import type { Fence } from './fence.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { create as post } from './post.ts';
import { type Kind, type Kinds, apiVersionOf, pathOf } from './resource.ts';
import { isUncertain } from './retry.ts';
import type { Versions } from './versions.ts';
import { what } from './what.ts';

/** So often a write is decided on again after a conflict, or after an answer that was lost. */
const WRITE_TRIES = 10;

/** What of the port changes the cluster. */
type Writes = Pick<Cluster, 'edit' | 'apply' | 'create' | 'remove'>;

/**
 * Requests that change something. None is repeated blindly: what came of one whose answer was lost is looked up.
 *
 * @param fence asked before each
 * @param onWrite told of each that was taken, or may have been
 */
export function writesOf(
  api: Api,
  versions: Versions,
  get: Cluster['get'],
  fence: Fence,
  onWrite: (kind: Kind, name: string) => void,
): Writes {
  async function edit<K extends Kind>(
    kind: K,
    name: string,
    namespace: string | undefined,
    decide: (current: Kinds[K]) => object | undefined,
  ): Promise<{ changed: boolean; object: Kinds[K] } | undefined> {
    let sent = false;
    for (let tries = 1; ; tries++) {
      const current = await get(kind, name, namespace);
      if (current === undefined) return undefined;
      const patch = decide(current);
      if (patch === undefined) return { changed: sent, object: current };
      try {
        const object = (await versions.ask(kind, (version) =>
          api.request({
            method: 'PATCH',
            fence,
            path: pathOf(kind, version, namespace, name),
            query: { fieldManager: FIELD_MANAGER },
            body: withVersion(patch, current.metadata.resourceVersion),
            contentType: 'application/merge-patch+json',
            what: what('patch', kind, name, namespace),
          }),
        )) as Kinds[K];
        onWrite(kind, name);
        return { changed: true, object };
      } catch (error) {
        const lost = isLost(error);
        if (lost) onWrite(kind, name);
        // Deleted since the look: the next one tells, or finds another by this name.
        const isOutdated = isConflict(error) || isNotFound(error);
        if ((!mayPass(error) && !isOutdated) || tries >= WRITE_TRIES) throw error;
        // After a refusal like that it was surely not carried out, and the next look need not wait.
        sent ||= lost;
        if (mayPass(error)) await api.pause(tries);
      }
    }
  }

  async function apply(kind: Kind, object: Applied, manager: string): Promise<void> {
    const { name, namespace } = object.metadata;
    for (let tries = 1; ; tries++) {
      const current = await get(kind, name, namespace);
      try {
        await versions.ask(kind, (version) =>
          api.request({
            method: 'PATCH',
            fence,
            path: pathOf(kind, version, namespace, name),
            query: { fieldManager: manager, force: 'true' },
            body: {
              ...(current === undefined ? object : withVersion(object, current.metadata.resourceVersion)),
              apiVersion: apiVersionOf(kind, version),
            },
            contentType: 'application/apply-patch+yaml',
            what: what('apply', kind, name, namespace),
          }),
        );
        onWrite(kind, name);
        return;
      } catch (error) {
        if (isLost(error)) onWrite(kind, name);
        // What it makes is the same however often it is sent.
        if ((!mayPass(error) && !isConflict(error)) || tries >= WRITE_TRIES) throw error;
        if (mayPass(error)) await api.pause(tries);
      }
    }
  }

  async function create<K extends Kind>(kind: K, object: Named, namespace?: string): Promise<Kinds[K]> {
    let sent = false;
    for (let tries = 1; ; tries++) {
      try {
        const made = await post(api, versions, kind, object, namespace, { fence });
        onWrite(kind, object.metadata.name);
        return made;
      } catch (error) {
        if (isLost(error)) onWrite(kind, object.metadata.name);
        sent ||= isLost(error);
        // That it exists already is news of our own, if we may have made it.
        if (!(mayPass(error) || (sent && isConflict(error))) || tries >= WRITE_TRIES) throw error;
        const there = sent ? await get(kind, object.metadata.name, namespace) : undefined;
        if (there !== undefined) return there;
        await api.pause(tries);
      }
    }
  }

  async function remove(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    uid: string | undefined,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await versions.ask(kind, (version) =>
          api.request({
            method: 'DELETE',
            fence,
            path: pathOf(kind, version, namespace, name),
            body: {
              apiVersion: 'v1',
              kind: 'DeleteOptions',
              propagationPolicy: 'Foreground',
              ...(uid === undefined ? {} : { preconditions: { uid } }),
            },
            what: what('delete', kind, name, namespace),
          }),
        );
        onWrite(kind, name);
        return;
      } catch (error) {
        if (isLost(error)) onWrite(kind, name);
        if (isNotFound(error)) return;
        // Without a uid the next one of that name could be somebody else's.
        if (!mayPass(error) || uid === undefined || tries >= WRITE_TRIES) throw error;
        const there = await get(kind, name, namespace);
        if (there?.metadata.uid !== uid || there.metadata.deletionTimestamp !== undefined) return;
        await api.pause(tries);
      }
    }
  }

  return { edit, apply, create, remove };
}

/** What was in the way may be gone at the next try. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && isUncertain(error.status);
}

/** The request may or may not have been carried out. */
function isLost(error: unknown): boolean {
  return mayPass(error) && !isStoppedByAdmission(error);
}

function withVersion(patch: object, resourceVersion: string | undefined): object {
  const metadata = 'metadata' in patch ? (patch.metadata as object) : {};
  return { ...patch, metadata: { ...metadata, resourceVersion } };
}
