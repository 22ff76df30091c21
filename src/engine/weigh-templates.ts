import { capped } from '../checks/capped.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { missingTemplates, templatesIn } from '../istio/injection-templates.ts';
import { treeOf } from '../istio/leaves.ts';
import { suffixOf } from '../istio/revision.ts';
import { covers } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { readObjects } from '../istioctl/manifest.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the injection templates that workloads ask for against those of the target: as it would be installed, or as it is
 * where nothing would be.
 *
 * @throws what reading the cluster throws
 */
export async function weighTemplates(
  { reader, inputs: { istioNamespace, phase } }: Session,
  { mesh, upgrade }: View,
  coming: Rendered,
): Promise<Finding[]> {
  const asking = mesh.workloads.filter(({ templates }) => templates !== undefined);
  if (asking.length === 0 || phase === 'rollback' || isInPlace(upgrade)) return [];
  const name = `istio-sidecar-injector${suffixOf(upgrade.to.revision)}`;
  const rendered = (coming.yaml === '' ? [] : readObjects(coming.yaml))
    .map(treeOf)
    .find(({ kind, metadata }) => kind === 'ConfigMap' && treeOf(metadata).name === name);
  const data = rendered?.data ?? (await reader.get('ConfigMap', name, istioNamespace))?.data;
  const known = templatesIn(treeOf(data).config);
  if (known === undefined) return [];
  const found = missingTemplates(asking, known, {
    sides: upgrade,
    isMoved: (workload) => phase !== 'canary' || covers(upgrade.scope, workload),
    phase,
  });
  return (['error', 'warning'] as const).flatMap((severity) =>
    capped(found.filter((one) => one.severity === severity)),
  );
}
