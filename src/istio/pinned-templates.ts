import type { Finding } from '../finding.ts';
import { type Mesh, type PodMaker, type Workload, nameOf, userTags } from './mesh.ts';
import { knowsDefaultTag } from './movable-default.ts';
import { DEFAULT_TAG } from './names.ts';
import type { Sides } from './side.ts';
import { namesOf } from './tags.ts';
import { type TemplateOwner, valueToChange } from './template-owner.ts';

type Seen = Pick<Mesh, 'workloads' | 'makers' | 'tags'>;
/** A template, with who keeps it. */
export type Pinned = Pick<Workload | PodMaker, 'kind' | 'namespace' | 'name' | 'keptBy' | 'pinnedRevision'>;

const NOBODYS: TemplateOwner = { release: undefined, git: undefined, gatewayChart: false };

/**
 * What makes pods of a revision because its own template says so, in a namespace without a label: no label and no tag takes
 * it along, and who keeps the template has to change it. What may stay behind is not among it, nor is what follows a tag.
 */
export function pinnedTo({ workloads, makers, tags }: Seen, upgrade: Sides, side: 'from' | 'to'): Pinned[] {
  const { revision } = upgrade[side];
  const known = new Set([...namesOf(userTags({ tags })), ...(knowsDefaultTag(upgrade) ? [DEFAULT_TAG] : [])]);
  return [...workloads, ...makers.filter(({ kind }) => kind !== 'Job')].filter(
    ({ pinnedRevision, injectedBy, accepted }) =>
      pinnedRevision !== undefined &&
      injectedBy.includes(revision) &&
      // A tag takes the pods along that name it.
      !known.has(pinnedRevision) &&
      !accepted,
  );
}

/** The one value that is to be changed so that it chooses a revision, in words. */
export function valueOf(item: Pinned, revision: string): string {
  return valueToChange(item, item.keptBy ?? NOBODYS, revision);
}

/**
 * @param to the revision that it has to choose
 * @param when what stands in the way of changing it at once, in words; undefined for nothing
 */
export function pinsRevision(
  item: Pinned,
  to: string,
  { severity, when }: { readonly severity: Finding['severity']; readonly when?: string },
): Finding {
  const value = valueOf(item, to);
  return {
    id: 'template-pins-revision',
    severity,
    object: nameOf(item),
    message: `its pod template chooses ${item.pinnedRevision ?? ''} by itself; this Action does not change templates that Git or Helm owns`,
    remedy: `${when === undefined ? '' : `${when} `}${value}. Or label its namespace instead.`,
  };
}
