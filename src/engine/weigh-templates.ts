import { cappedBySeverity } from '../checks/capped.ts';
import { GONE } from '../decide/sides.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { type Asking, missingTemplates, templatesIn } from '../istio/injection-templates.ts';
import { lasting } from '../istio/lasting.ts';
import { treeOf } from '../istio/leaves.ts';
import { injectorConfigName } from '../istio/mesh-config.ts';
import { UNREVISIONED } from '../istio/names.ts';
import { covers } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import type { Phase } from '../outcome.ts';
import type { Session } from './session.ts';
import { type TargetConfigMaps, liveConfigMap } from './target-config-map.ts';

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
  target: TargetConfigMaps,
  phase: Phase,
): Promise<Finding[]> {
  const { workloads, makers } = lasting(mesh);
  // What stays by leave is not restarted, and a Job has its pod already: pods that they make later are born on the target, but
  // where the template itself keeps them off it.
  const staying: readonly Asking[] = [
    ...workloads.filter(({ accepted }) => accepted),
    ...makers.filter(({ kind }) => kind === 'Job'),
  ].filter((one) => !namesOld(one, upgrade.from));
  const moving: readonly Asking[] = [
    ...workloads.filter(({ accepted }) => !accepted),
    // The pods that a Rollout has stay by leave alone, and it makes more of them.
    ...makers.filter(({ kind }) => kind !== 'Job'),
  ];
  const asking = [...moving, ...staying].filter(({ templates }) => templates !== undefined);
  if (asking.length === 0 || phase === 'rollback' || isInPlace(upgrade)) return [];
  const known = templatesIn(treeOf(await target(injectorConfigName(upgrade.to.revision))).config);
  if (known === undefined) return [];
  const isMissing = (name: string): boolean => !known.has(name);
  if (!asking.some(({ templates = [] }) => templates.some(isMissing))) return [];
  const had =
    upgrade.from === GONE
      ? undefined
      : templatesIn(treeOf(await liveConfigMap(session, injectorConfigName(upgrade.from.revision))).config);
  const found = missingTemplates(
    asking,
    { known, had },
    {
      sides: upgrade,
      before,
      stays: (one) => staying.includes(one),
      isMoved: (one) => phase !== 'canary' || covers(upgrade.scope, one),
      phase,
    },
  );
  return cappedBySeverity(found);
}

/** Whether it chooses the old revision by a name that no tag takes along. */
function namesOld({ pinnedRevision }: Asking, { revision }: View['upgrade']['from']): boolean {
  return pinnedRevision === revision && revision !== UNREVISIONED;
}
