import type { Finding } from '../finding.ts';
import { type Mesh, nameOf } from '../istio/mesh.ts';
import { isHealthy } from '../istio/rollout.ts';
import type { Ended } from '../istioctl/istioctl.ts';

/** What istioctl says whose time ran out over what it has installed; it names none (recording 031-install-not-ready-timeout). */
const RAN_OUT = /resources not ready after .*(deadline exceeded|timed out)/;

/**
 * Gateways that `istioctl install` has waited for in vain, where nothing else kept it from its end: those that were broken
 * before. It waits for every gateway; a way back must not be blocked for ever by what was so before (promise 13).
 *
 * @param mesh in which nothing else lacks
 * @param troubled workloads, as `Kind namespace/name`, that were not healthy before
 * @returns none where it failed for another reason, or over another gateway, too
 */
export function excusedGateways(
  { installedGateways, workloads }: Pick<Mesh, 'installedGateways' | 'workloads'>,
  { words }: Pick<Ended, 'words'>,
  troubled: ReadonlySet<string>,
): Finding[] {
  if (!RAN_OUT.test(words)) return [];
  const unwell = new Set(workloads.filter(({ rollout }) => !isHealthy(rollout)).map(nameOf));
  const names = installedGateways.map(nameOf).filter((name) => unwell.has(name));
  if (!names.every((name) => troubled.has(name))) return [];
  return names.map((object) => ({
    id: 'gateway-not-healthy',
    severity: 'warning',
    object,
    message:
      'it was not healthy before, and istioctl install waited for it in vain; all else is as it was to be installed, and rollback goes on',
    remedy: 'Mend it. A rollback that is run again until then installs once more, and waits for it again.',
  }));
}
