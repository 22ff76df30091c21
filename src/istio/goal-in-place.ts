import type { Finding } from '../finding.ts';
import type { Phase } from '../outcome.ts';
import type { Before } from './before.ts';
import { type Lack, notReached } from './goal.ts';
import { hasDefaultTag, leavesDefaultTag } from './default-tag-left.ts';
import { flawsOf } from './health.ts';
import { type Mesh, planeOfRevision } from './mesh.ts';
import { isOnly } from './scope.ts';
import type { Sides } from './side.ts';
import { goesDown, leftOnTarget, runs } from './state-in-place.ts';

/**
 * What keeps a phase of an upgrade in place from having reached its goal (promise 15): the control plane of the right
 * release serves and is the default, and after a rollback no proxy is left of the other one. Pods and proxies have a proof
 * of their own beside it (`judgeProxies`).
 */
export function unreachedInPlace(
  mesh: Mesh,
  phase: Exclude<Phase, 'precheck'>,
  sides: Sides,
  before: Pick<Before, 'standing'>,
): Finding[] {
  // On the way down the control plane goes last.
  const early = phase === 'rollback' || (phase === 'canary' && goesDown(sides));
  const { revision, version } = early ? sides.from : sides.to;
  const plane = planeOfRevision(mesh, revision);
  // Canary, run again on a mesh that is through, leaves it so.
  const isRight = runs(plane, version) || (phase === 'canary' && runs(plane, sides.to.version));
  const lacks: Lack[] = [
    ...flawsOf(plane).map((flaw) => [`control plane ${revision}`, flaw] as const),
    ...(isRight
      ? []
      : [[`control plane ${revision}`, `is ${plane?.version ?? 'not there'}, not ${version}`] as const]),
    ...(isOnly(mesh.defaultInjector, revision)
      ? []
      : [
          [
            'default tag',
            `it leads to ${mesh.defaultInjector.join(' and ') || 'nothing'}, not to ${revision}`,
          ] as const,
        ]),
    ...(mesh.defaultValidator === revision || !hasDefaultTag(version)
      ? []
      : [['default validator', `it is ${mesh.defaultValidator ?? 'not there'}, not ${revision}'s`] as const]),
    ...(leavesDefaultTag(mesh, { revision, version })
      ? [['default tag', `it is still there, which Istio ${version} does not know`] as const]
      : []),
    ...(phase === 'rollback'
      ? leftOnTarget(mesh, sides, before).map(
          ({ namespace, name }) =>
            [`Pod ${namespace}/${name}`, `its proxy is still of ${sides.to.version}`] as const,
        )
      : []),
  ];
  return lacks.map(notReached);
}
