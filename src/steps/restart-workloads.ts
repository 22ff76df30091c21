import { restartMarkOf } from '../istio/restart-mark.ts';
import type { WorkloadObject } from '../cluster/objects.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { Behind } from '../istio/behind.ts';
import type { Change } from '../istio/change.ts';
import { type Mesh, type Workload, nameOf } from '../istio/mesh.ts';
import { restartValue, toReplace } from '../istio/moves.ts';
import { ANNOTATION_RESTARTED_FOR } from '../istio/names.ts';
import { Pace, parallelOf } from '../istio/pace.ts';
import { isHealthy, rolloutOf } from '../istio/rollout.ts';
import type { Release } from '../record/record.ts';
import type { Context } from './context.ts';
import { RolloutWatch } from '../wait/rollouts.ts';
import { RestartTime } from './restart-time.ts';
import { type Step, StepFailed } from './step.ts';

/** Restarted again so often when pods are still behind after a rollout, before that is called a failure. */
const ROUNDS = 3;

/**
 * Restarts the workloads whose pods are behind, as `kubectl rollout restart` does: by an annotation on the template.
 *
 * @param release what the pods are to be on afterwards
 * @param behind which pods have to be replaced
 * @param onceDue the mesh as the steps before this one leave it, where they decide which pods are behind
 */
export function restartWorkloads(
  release: (view: View) => Release,
  behind: Behind,
  onceDue?: (view: View) => Mesh,
): Step {
  const plan = (view: View): Change[] =>
    toReplace(view.mesh, behind(view), view.before, view.upgrade).workloads.map((workload) => ({
      verb: 'restart',
      object: nameOf(workload),
    }));
  return {
    id: 'restart-workloads',
    title: 'Restart the workloads',
    // As long as the run has: how many there are is the mesh's.
    timeoutMs: Infinity,
    plan,
    ...(onceDue === undefined ? {} : { foresee: (view: View) => plan({ ...view, mesh: onceDue(view) }) }),
    run: async (context, view) => {
      const restarted = new Set<string>();
      const time = new RestartTime(context.remainingMs);
      for (let round = 1; ; round++) {
        const mesh = round === 1 ? view.mesh : await context.observe();
        const { workloads, troubled } = toReplace(mesh, behind({ ...view, mesh }), view.before, view.upgrade);
        if (workloads.length === 0) {
          const left =
            troubled.length === 0
              ? ''
              : `; ${String(troubled.length)} that were not healthy before were left as they are`;
          return `${String(restarted.size)} workloads restarted and ready${left}`;
        }
        if (round > ROUNDS) {
          throw new StepFailed(
            workloads.map((workload) =>
              withoutEffect(workload, {
                wasTroubled: view.before.troubled.has(nameOf(workload)),
                mayStay: context.report.phase !== 'rollback',
              }),
            ),
          );
        }
        // Gateways last, and one by one: what they lead to is there before their own pods change.
        const isGateway = ({ gateway }: Workload): boolean => gateway !== undefined;
        const others = workloads.filter((workload) => !isGateway(workload));
        const parallel = parallelOf(others.length, context.inputs.maxParallel);
        const how = { view, release: release(view), time };
        time.expect(workloads.length);
        const broken = await restartAll(context, others, { ...how, parallel });
        const wrong =
          broken.length > 0
            ? broken
            : await restartAll(context, workloads.filter(isGateway), { ...how, parallel: 1 });
        const findings = [...time.told(), ...wrong];
        if (findings.length > 0) throw new StepFailed(findings);
        workloads.forEach((workload) => restarted.add(nameOf(workload)));
      }
    },
  };
}

/** Of a workload that was broken before, the pods that still serve stay as long as no new one gets ready. */
function withoutEffect(
  workload: Workload,
  { wasTroubled, mayStay }: { readonly wasTroubled: boolean; readonly mayStay: boolean },
): Finding {
  const { namespace, name } = workload;
  return {
    id: 'restart-without-effect',
    severity: 'error',
    object: nameOf(workload),
    message: wasTroubled
      ? 'its pods are still behind: it was not healthy before, and its new pods do not get ready'
      : `its pods are still behind after ${String(ROUNDS)} restarts`,
    remedy: `${
      wasTroubled
        ? 'Mend it and run the phase again'
        : 'Something else decides about its pods (an operator, a webhook). Look at who owns it, and change that there'
    }${mayStay ? `; or accept that it stays behind: allow-stragglers: ${namespace}/${name}` : ''}.`,
  };
}

interface How {
  readonly view: View;
  readonly release: Release;
  readonly time: RestartTime;
}

/** @returns what is wrong with those that were begun */
async function restartAll(
  context: Context,
  workloads: readonly Workload[],
  { parallel, ...how }: How & { readonly parallel: number },
): Promise<readonly Finding[]> {
  if (workloads.length === 0) return [];
  const queue = [...workloads];
  const pace = new Pace();
  const watch = new RolloutWatch(workloads, {
    ...context,
    isWayBack: context.report.phase === 'rollback',
  });
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const pods = next.rollout.desired;
      await pace.enter(pods);
      try {
        if (how.time.begins(pods)) await restartOne(context, next, { ...how, watch });
      } finally {
        pace.leave(pods);
      }
    }
  };
  try {
    const ended = await Promise.allSettled(Array.from({ length: parallel }, worker));
    const failures = ended.flatMap((item) => (item.status === 'rejected' ? [item.reason as unknown] : []));
    const own = failures.filter((failure) => failure instanceof StepFailed);
    if (own.length < failures.length) throw failures.find((failure) => !(failure instanceof StepFailed));
    return own.flatMap(({ findings }) => findings);
  } finally {
    watch.close();
  }
}

async function restartOne(
  context: Context,
  workload: Workload,
  { view: { before }, release, time, watch }: How & { readonly watch: RolloutWatch },
): Promise<void> {
  const changed = await restart(context, workload, release);
  // Gone meanwhile. What was broken before, and is on the canary, has to go back all the same; nobody waits for it to get
  // well. What got well meanwhile is waited for.
  const isBroken = before.troubled.has(nameOf(workload)) && !isHealthy(workload.rollout);
  if (changed === undefined || isBroken) return;
  const findings = await time.spend(workload.rollout.desired, () =>
    watch.ended(workload, context.remainingMs(), changed),
  );
  if (findings.length > 0) throw new StepFailed(findings);
}

async function restart(
  { cluster, report, upgrade }: Context,
  workload: Workload,
  release: Release,
): Promise<WorkloadObject | undefined> {
  const { kind, namespace, name } = workload;
  const wanted = `${restartMarkOf(release)}${upgrade.attempt}`;
  let value: string | undefined;
  const edited = await cluster.edit(kind, name, namespace, (current) => {
    const is = current.spec.template.metadata?.annotations?.[ANNOTATION_RESTARTED_FOR];
    // After a lost answer the second look finds the value there.
    if (value !== undefined && is === value) return undefined;
    value = restartValue(is, wanted, rolloutOf(kind, current).done);
    if (value === undefined) return undefined;
    return { spec: { template: { metadata: { annotations: { [ANNOTATION_RESTARTED_FOR]: value } } } } };
  });
  if (edited?.changed === true) report.workloadsRestarted.push(nameOf(workload));
  return edited?.object;
}
