import { nameOf } from '../istio/mesh.ts';
import { isInjectedByEither } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * Workloads that are broken already. They hold nothing up: they are left as they are, never waited for, and told (M21).
 * A restart could not end, and could leave a pod behind on either side.
 */
export const troubled: Check = ({ mesh, before, upgrade }) =>
  capped(
    mesh.workloads
      .filter(
        (workload) =>
          before.troubled.has(nameOf(workload)) &&
          !workload.rollout.done &&
          !workload.accepted &&
          isInjectedByEither(workload, upgrade),
      )
      .map((workload) => ({
        id: 'workload-not-healthy-before',
        severity: 'warning',
        object: nameOf(workload),
        message: `it is not healthy already: ${workload.rollout.message}. It is not restarted, and not waited for`,
        remedy: 'Repair it, then run the phase (again): then it moves with the others.',
      })),
  );
