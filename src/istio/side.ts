import type { UpgradeRecord } from '../record/record.ts';
import type { MeshPod } from './mesh.ts';
import { sameRelease } from './version.ts';

/** The two releases of an upgrade, each a revision and a version. */
export interface Sides {
  readonly from: { readonly revision: string; readonly version: string };
  readonly to: { readonly revision: string; readonly version: string };
}

/** Whether a pod's proxy is of a side. */
export type Matches = (pod: Pick<MeshPod, 'revision' | 'version'>) => boolean;

/** Whether one control plane is replaced where it is, and not one set beside it: both sides have the same revision. */
export function isInPlace({ from, to }: Sides): boolean {
  return from.revision === to.revision;
}

/** Whether a record is about an upgrade. */
export function isOfUpgrade({ to }: Pick<UpgradeRecord, 'to'>, sides: Sides): boolean {
  return to.revision === sides.to.revision && (!isInPlace(sides) || to.version === sides.to.version);
}

/**
 * The one definition of which side a pod's proxy is of. Its revision tells; where both sides have the same one, its version
 * does. There `from` is whatever is not on the target yet, also a proxy that an earlier upgrade has left behind, and one
 * whose image tells no version is never on the target.
 */
export function onSide(sides: Sides, side: 'from' | 'to'): Matches {
  const { revision } = sides[side];
  if (!isInPlace(sides)) return (pod) => pod.revision === revision;
  const onTarget = (version: string | undefined): boolean =>
    version !== undefined && sameRelease(version, sides.to.version);
  return (pod) => pod.revision === revision && onTarget(pod.version) === (side === 'to');
}

/** Whether a proxy is due, and is not on the target. */
export function isBehind(sides: Sides): (pod: MeshPod) => boolean {
  const there = onSide(sides, 'to');
  return (pod) => !there(pod) && (pod.revision !== undefined || pod.injectedBy.length > 0);
}

/** Whether one of the two sides injects what a workload makes. */
export function isInjectedByEither(
  { injectedBy }: { readonly injectedBy: readonly string[] },
  { from, to }: Sides,
): boolean {
  return injectedBy.includes(from.revision) || injectedBy.includes(to.revision);
}
