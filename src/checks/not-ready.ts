import { isAwaited } from '../istio/unready.ts';
import { nameOf } from '../istio/mesh.ts';
import { isInjectedByEither } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * Workloads that this upgrade has restarted and that are not well now: the next phase waits for them, and does not succeed
 * while it is so. Only a warning, since a rollout that is under way looks the same. Precheck alone tells it; the phases wait.
 */
export const notReady: Check = ({ mesh, phase, before, upgrade }) =>
  phase !== 'precheck'
    ? []
    : capped(
        mesh.workloads
          .filter(
            (workload) =>
              isAwaited(workload) &&
              !before.troubled.has(nameOf(workload)) &&
              isInjectedByEither(workload, upgrade),
          )
          .map((workload) => ({
            id: 'workload-not-ready',
            severity: 'warning',
            object: nameOf(workload),
            message: `it was restarted by this upgrade, and is not healthy now: ${workload.rollout.message}. The next phase waits for it, and does not succeed while it is so`,
            remedy: 'Look at its pods and its events, and repair it. Or run rollback.',
          })),
      );
