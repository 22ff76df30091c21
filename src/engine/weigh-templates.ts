import { cappedBySeverity } from '../checks/capped.ts';
import { GONE } from '../decide/sides.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { missingTemplates, templatesIn } from '../istio/injection-templates.ts';
import { treeOf } from '../istio/leaves.ts';
import { suffixOf } from '../istio/revision.ts';
import { covers } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';
import { liveConfigMap, targetConfigMap } from './target-config-map.ts';

/**
 * Holds the injection templates that workloads ask for against those of the target: as it would be installed, or as it is
 * where nothing would be.
 *
 * @throws what reading the cluster throws
 */
export async function weighTemplates(
  session: Session,
  { mesh, upgrade, before }: View,
  coming: Rendered,
): Promise<Finding[]> {
  const { phase } = session.inputs;
  const asking = mesh.workloads.filter(({ templates }) => templates !== undefined);
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
      isMoved: (workload) => phase !== 'canary' || covers(upgrade.scope, workload),
      phase,
    },
  );
  return cappedBySeverity(found);
}
