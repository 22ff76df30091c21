import { flawsAsDestination } from './health.ts';
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
  mesh: Pick<Mesh, 'planes' | 'owned' | 'istioNamespace'>,
  revision: string,
  removing: readonly string[] | undefined,
): string | undefined {
  const plane = planeOfRevision(mesh, revision);
  if (plane === undefined) return 'the old control plane is not there any more';
  const missing = [
    ...(plane.service ? [] : [`Service ${mesh.istioNamespace}/${plane.deployment}`]),
    ...(plane.injector === undefined ? ['its injector webhook'] : []),
    ...goneSince(mesh, revision, removing),
  ];
  const [first] = missing;
  return first === undefined
    ? undefined
    : `the old control plane is removed in part: ${first}${missing.length > 1 ? ` and ${String(missing.length - 1)} more` : ''} is missing`;
}

/** Of what a removal was about to take, what is gone. */
export function goneSince(
  mesh: Pick<Mesh, 'owned'>,
  revision: string,
  removing: readonly string[] | undefined,
): string[] {
  const there = new Set(
    mesh.owned
      .filter((item) => item.revision === revision && !item.terminating)
      .map((item) => nameOfObject(item)),
  );
  return (removing ?? []).filter((name) => !there.has(name));
}

/** Why the old control plane can't take the workloads back as it is now; undefined where it can (M10). */
export function destinationFlaw(mesh: Pick<Mesh, 'planes'>, revision: string): string | undefined {
  const [first] = flawsAsDestination(planeOfRevision(mesh, revision));
  return first;
}
