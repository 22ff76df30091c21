import type { Finding } from '../finding.ts';
import type { Before } from './before.ts';
import { type Workload, nameOf } from './mesh.ts';
import { isHealthy } from './rollout.ts';

/** Whether a workload is not healthy, and may yet be: one that may stay, is paused or waits for deletions is not waited for. */
export function isAwaited({ accepted, paused, onDelete, rollout }: Workload): boolean {
  return !accepted && !paused && !onDelete && !isHealthy(rollout);
}

/**
 * Says that a workload is not healthy. Workloads count, not only pods that exist: refused pods are not there to be counted
 * (M04).
 *
 * @param isWayBack whether it is a rollback that says so, which is not told to run one
 */
export function unready(
  workload: Workload,
  { before, isWayBack }: { readonly before: Before; readonly isWayBack?: boolean },
): Finding {
  const name = nameOf(workload);
  const wasSo = before.troubled.has(name);
  return {
    id: wasSo ? 'workload-not-healthy-before' : 'workload-not-ready',
    severity: wasSo ? 'warning' : 'error',
    object: name,
    message: wasSo
      ? `it was not healthy before, and is not: ${workload.rollout.message}`
      : `it is not healthy: ${workload.rollout.message}`,
    remedy: wasSo
      ? 'It was left as it was. Repair it, then run the phase again: then it moves, too.'
      : `Look at its pods and its events. Once the cause is gone, run the phase again.${isWayBack === true ? '' : ' Or run rollback.'}`,
  };
}
