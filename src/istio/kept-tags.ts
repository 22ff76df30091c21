import type { KubernetesObject } from '../cluster/objects.ts';
import { gitOwnerOf, gitToolOf } from './git-owner.ts';
import type { Mesh, Tag } from './mesh.ts';
import { type DefaultSeen, movesDefault } from './movable-default.ts';
import { DEFAULT_TAG, LABEL_MANAGED, LABEL_REVISION, LABEL_TAG } from './names.ts';
import type { Sides } from './side.ts';
import { templateOwnerOf } from './template-owner.ts';

/** An object of a revision tag, or of the default one, that a tool applies from elsewhere, again and again (H18, M28). */
export interface KeptTag extends Pick<Tag, 'tag' | 'revision'> {
  /** As findings name it. */
  readonly object: string;
  /** Argo CD, Flux, or a release of Helm's. */
  readonly keeper: string;
  /** Where its keeper has it from, as words of a sentence. */
  readonly place: 'in Git' | 'in the values of its chart';
}

type Seen = Pick<Mesh, 'keptTags'>;
/** Beside them whose the default is. */
export type KeptSeen = Pick<Mesh, 'keptTags'> & DefaultSeen;

/**
 * The object of a tag, where somebody's tool keeps it. The whole object is the tag, so a mark on it counts, whoever has set
 * its labels last.
 *
 * @param tag by its label; the default validator of older releases has none
 */
export function keptTagOf(
  kind: string,
  { metadata }: KubernetesObject,
  tag = metadata.labels?.[LABEL_TAG],
): KeptTag[] {
  const { name, namespace, labels = {} } = metadata;
  const revision = labels[LABEL_REVISION];
  // As with control planes: what has istioctl's own label is istioctl's, whatever a release of Helm's has left on it (T20).
  const release = labels[LABEL_MANAGED] === undefined ? templateOwnerOf(metadata).release : undefined;
  const git = gitOwnerOf(metadata)?.tool ?? gitToolOf(metadata);
  if (tag === undefined || revision === undefined || (git ?? release) === undefined) return [];
  return [
    {
      tag,
      revision,
      object: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
      ...(git === undefined
        ? {
            keeper: `Helm release ${release?.namespace ?? ''}/${release?.name ?? ''}`,
            place: 'in the values of its chart',
          }
        : { keeper: git, place: 'in Git' }),
    },
  ];
}

/** Tags that somebody keeps at a revision, each once; the default one only where an upgrade moves it. */
export function tagsKeptAt(mesh: KeptSeen, upgrade: Sides, revision: string): KeptTag[] {
  const { keptTags = [] } = mesh;
  const kept = keptTags.filter(
    (item) => item.revision === revision && (item.tag !== DEFAULT_TAG || movesDefault(mesh, upgrade)),
  );
  return kept.filter(({ tag }, index) => kept.findIndex((item) => item.tag === tag) === index);
}

/** What somebody keeps of a tag, and would put back where a phase takes it elsewhere (null: away). */
export function keptElsewhere(
  { keptTags = [] }: Seen,
  tag: string,
  revision: string | null,
): KeptTag | undefined {
  return keptTags.find((item) => item.tag === tag && item.revision !== revision);
}

/** What a person does so that such a tag leads to a revision, as a sentence without its end. */
export function leading({ tag, keeper, place }: KeptTag, revision: string): string {
  return `Set ${nameOfTag(tag)} ${place} to ${revision} (${keeper} keeps it, and undoes istioctl tag set)`;
}

export function nameOfTag(tag: string): string {
  return tag === DEFAULT_TAG ? 'the default tag' : `tag ${tag}`;
}
