import { cappedBySeverity } from '../checks/capped.ts';
import { GONE } from '../decide/sides.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { type Asking, missingTemplates, templatesIn } from '../istio/injection-templates.ts';
import { lasting } from '../istio/lasting.ts';
import { treeOf } from '../istio/leaves.ts';
import { suffixOf } from '../istio/revision.ts';
import { covers } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import type { Phase } from '../outcome.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';
import { liveConfigMap, targetConfigMap } from './target-config-map.ts';

/**
 * Holds the injection templates that workloads, and what makes pods later, ask for against those of the target: as it would be
 * installed, or as it is where nothing would be.
 *
 * @param phase that is judged
 * @throws what reading the cluster throws
 */
export async function weighTemplates(
  session: Session,
  { mesh, upgrade, before }: View,
  coming: Rendered,
  phase: Phase,
): Promise<Finding[]> {
  const { workloads, makers } = lasting(mesh);
  const asking: readonly Asking[] = [
    // What stays by leave is not restarted.
    ...workloads.filter(({ accepted }) => !accepted),
    // The pods that a Rollout has stay by leave alone, and it makes more of them; a Job has its pod already.
    ...makers.filter(({ kind }) => kind !== 'Job'),
  ].filter(({ templates }) => templates !== undefined);
  if (asking.length === 0 || phase === 'rollback' || isInPlace(upgrade)) return [];
  const nameOn = (side: 'from' | 'to'): string => `istio-sidecar-injector${suffixOf(upgrade[side].revision)}`;
  const known = templatesIn(treeOf(await targetConfigMap(session, coming, nameOn('to'))).config);
  if (known === undefined) return [];
  const isMissing = (name: string): boolean => !known.has(name);
  if (!asking.some(({ templates = [] }) => templates.some(isMissing))) return [];
  const had =
    upgrade.from === GONE
      ? undefined
      : templatesIn(treeOf(await liveConfigMap(session, nameOn('from'))).config);
  const found = missingTemplates(
    asking,
    { known, had },
    {
      sides: upgrade,
      before,
      isMoved: (one) => phase !== 'canary' || covers(upgrade.scope, one),
      phase,
    },
  );
  return cappedBySeverity(found);
}
