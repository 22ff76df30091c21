import { type KeptSeen, leading, tagsKeptAt } from './kept-tags.ts';
import type { Mesh } from './mesh.ts';
import { LABEL_REVISION } from './names.ts';
import { pinnedTo, valueOf } from './pinned-templates.ts';
import { relabelling } from './relabelling.ts';
import { movedNamespaces, stayingNamespaces } from './scope.ts';
import { type Sides, isInPlace } from './side.ts';

/** So many are told one by one. */
const NAMED = 4;

/**
 * What somebody has to change before a rollback can bring everything back, a sentence for each: tags that Git keeps there,
 * namespaces and templates that choose the target by somebody else's doing, and what this Action moved and Git keeps there by now. None in place, where the
 * one revision is chosen before and after.
 */
export function keptOnTarget(
  mesh: Pick<Mesh, 'namespaces' | 'injectors' | 'workloads' | 'makers' | 'tags'> & KeptSeen,
  upgrade: Sides,
): string[] {
  if (isInPlace(upgrade)) return [];
  const { from, to } = upgrade;
  const kept = movedNamespaces(mesh, to.revision).filter(
    ({ labels, git }) =>
      labels[LABEL_REVISION] === to.revision && git?.labels.includes(LABEL_REVISION) === true,
  );
  const namespaces = [...new Set([...stayingNamespaces(mesh, to.revision, from.revision), ...kept])];
  const told = [
    ...tagsKeptAt(mesh, upgrade, to.revision).map((kept) => leading(kept, from.revision)),
    ...namespaces.map((namespace) => relabelling(namespace, from.revision)),
    ...pinnedTo(mesh, upgrade, 'to').map((item) => valueOf(item, from.revision)),
  ].map((sentence) => `${sentence}.`);
  const more = told.length - NAMED;
  return more > 0 ? [...told.slice(0, NAMED), `And ${String(more)} more that choose ${to.revision}.`] : told;
}
