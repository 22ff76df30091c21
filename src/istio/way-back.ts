import { type Mesh, planeOfRevision } from './mesh.ts';
import { nameOfObject } from './own-objects.ts';

/**
 * Why a rollback to a revision is not possible any more; undefined while it is. The point of no return is the first
 * object that a removal takes: a control plane of which a part is missing is no way back, however healthy its istiod
 * looks.
 *
 * @param removing names of the objects that a removal was about to take, from the record; undefined when none began
 */
export function noWayBack(
  mesh: Mesh,
  revision: string,
  removing: readonly string[] | undefined,
): string | undefined {
  const plane = planeOfRevision(mesh, revision);
  if (plane === undefined) return 'the old control plane is not there any more';
  const there = new Set(
    mesh.owned
      .filter((item) => item.revision === revision && !item.terminating)
      .map((item) => nameOfObject(item)),
  );
  const missing = [
    ...(plane.service ? [] : [`Service ${mesh.istioNamespace}/${plane.deployment}`]),
    ...(plane.injector === undefined ? ['its injector webhook'] : []),
    ...(removing ?? []).filter((name) => !there.has(name)),
  ];
  const [first] = missing;
  return first === undefined
    ? undefined
    : `the old control plane is removed in part: ${first}${missing.length > 1 ? ` and ${String(missing.length - 1)} more` : ''} is missing`;
}
