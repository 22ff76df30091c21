import type { Change } from './change.ts';
import {
  type Mesh,
  type MeshNamespace,
  type Tag,
  type Workload,
  nameOf,
  planeOfRevision,
  userTags,
} from './mesh.ts';
import { dialectOfText } from './dialect.ts';
import { LABEL_REVISION } from './names.ts';

/** Where a phase takes tags: name → revision; null for one that is to go, because this upgrade made it. */
export type TagMoves = Readonly<Record<string, string | null>>;

type Seen = Pick<Mesh, 'tags' | 'loneTagServices' | 'namespaces' | 'planes' | 'workloads'>;

export function namesOf(tags: readonly Pick<Tag, 'tag'>[]): string[] {
  return tags.map(({ tag }) => tag);
}

/** Whether a namespace chooses one of the tags, be there one of this name or not. */
export function followsTag(
  { choice, labels }: Pick<MeshNamespace, 'choice' | 'labels'>,
  tags: readonly string[],
): boolean {
  return choice === 'revision' && tags.includes(labels[LABEL_REVISION] ?? '');
}

/** Namespaces that follow one of the tags: every pod that is born there comes from where the tag points. */
export function followersOf(mesh: Pick<Mesh, 'namespaces'>, tags: readonly string[]): MeshNamespace[] {
  return mesh.namespaces.filter((namespace) => !namespace.terminating && followsTag(namespace, tags));
}

/** Of workloads and other templates, those that choose one of the tags themselves. */
export function pinnedTo<T extends Pick<Workload, 'pinnedRevision'>>(
  items: readonly T[],
  tags: readonly string[],
): T[] {
  return items.filter(({ pinnedRevision }) => pinnedRevision !== undefined && tags.includes(pinnedRevision));
}

/** Names of the tags, but the default one, that lead to a revision with either of their objects (a half-moved one, too). */
export function tagsLeadingTo(mesh: Pick<Mesh, 'tags'>, revision: string): string[] {
  return namesOf(userTags(mesh).filter((tag) => leadsTo(tag, revision)));
}

function leadsTo({ revision, service }: Tag, wanted: string): boolean {
  return revision === wanted || service === wanted;
}

/** Whether all of a tag's objects are there and lead to a revision: `tag set` may have been stopped between them. */
function pointsTo(mesh: Seen, { revision, service }: Tag, wanted: string): boolean {
  const dialect = dialectOfText(planeOfRevision(mesh, wanted)?.version ?? '');
  const lacksService = dialect?.tagService === true && service === undefined;
  return revision === wanted && (service === wanted || (service === undefined && !lacksService));
}

/** What is left to be done so that the tags are where they are taken. A tag's reach is part of what is shown (H19). */
export function tagChanges(mesh: Seen, moves: TagMoves): Change[] {
  return Object.entries(moves).flatMap(([name, to]): Change[] => {
    const tag = mesh.tags.find((item) => item.tag === name);
    const lone = mesh.loneTagServices.find((item) => item.tag === name);
    const isThere = tag !== undefined || lone !== undefined;
    if (to === null ? !isThere : tag !== undefined && pointsTo(mesh, tag, to)) return [];
    // A control plane that is not there yet is what the phase installs first.
    const reach = [
      ...followersOf(mesh, [name]).map((namespace) => `Namespace ${namespace.name}`),
      ...pinnedTo(mesh.workloads, [name]).map(nameOf),
    ];
    return [
      {
        verb: 'point',
        object: `tag ${name}`,
        from: tag === undefined ? (lone?.revision ?? null) : whereTo(tag),
        to,
        reach,
      },
    ];
  });
}

function whereTo({ revision, service }: Tag): string {
  return service === undefined || service === revision ? revision : `${revision} and ${service}`;
}

/** The user's tags that lead to a revision of which there is no control plane: pods in their namespaces are refused (H14). */
export function danglingTags(mesh: Seen): Tag[] {
  return userTags(mesh).filter(({ revision }) => planeOfRevision(mesh, revision) === undefined);
}
