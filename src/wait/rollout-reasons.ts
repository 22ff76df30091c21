import type { Cluster } from '../cluster/cluster.ts';
import type { Pod, WorkloadObject } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { type Workload, nameOf } from '../istio/mesh.ts';
import { podProblem } from '../istio/pod-problem.ts';

/** A workload by its name. */
export type Named = Pick<Workload, 'kind' | 'namespace' | 'name'>;

/**
 * What holds up a StatefulSet whose pods go one after the other, and whose controller waits for one that will never get
 * ready: a pod of an older template that is broken is not replaced by a mended one (kubernetes#67250; M33). Only deleting
 * it helps.
 *
 * @param object as it was seen last
 */
export async function blockOf(
  item: Named,
  {
    spec,
    status,
  }: Pick<WorkloadObject, 'status'> & {
    readonly spec: Pick<WorkloadObject['spec'], 'selector' | 'podManagementPolicy'>;
  },
  cluster: Cluster,
): Promise<Finding | undefined> {
  const { kind, namespace } = item;
  const labels = Object.entries(spec.selector?.matchLabels ?? {});
  if (kind !== 'StatefulSet' || spec.podManagementPolicy === 'Parallel' || labels.length === 0)
    return undefined;
  const newest = status?.updateRevision;
  const labelSelector = labels.map(([label, value]) => `${label}=${value}`).join(',');
  for await (const pod of cluster.list('Pod', { namespace, labelSelector })) {
    const { metadata } = pod;
    const hash = metadata.labels?.['controller-revision-hash'];
    const isOld = newest !== undefined && hash !== undefined && hash !== newest;
    const problem = problemOfLive(pod);
    if (!isOld || problem === undefined) continue;
    return giveUp(
      nameOf(item),
      `its controller waits for pod ${metadata.name}, which is broken and of an older template (${problem})`,
      `kubectl delete pod ${metadata.name} -n ${namespace}: its controller then makes a new one.`,
    );
  }
  return undefined;
}

/** Waiting can't help: said at once, with what does. */
export function giveUp(object: string, why: string, remedy: string): Finding {
  return {
    id: 'workload-stuck',
    severity: 'error',
    object,
    message: `its rollout can't end: ${why}`,
    remedy: `${remedy} Then run the phase again: it goes on where it stopped.`,
  };
}

/**
 * A rollout that did not end in its time, with what it waited for and why.
 *
 * @param isWayBack whether it is a rollback that waited, which is not told to run one
 */
export function notReady(
  item: Named,
  progress: string,
  {
    reason,
    waitedMs,
    isWayBack,
  }: { readonly reason: string | undefined; readonly waitedMs: number; readonly isWayBack: boolean },
): Finding {
  return {
    id: 'workload-not-ready',
    severity: 'error',
    object: nameOf(item),
    message: `its rollout did not end in time (${String(Math.round(waitedMs / 1000))} s): ${[progress, reason].filter(Boolean).join('; ')}`,
    remedy: `Look at its pods and its events. Once the cause is gone, run the phase again: it goes on where it stopped.${isWayBack ? '' : ' Or run rollback.'}`,
  };
}

/** What the first pod of a workload that is not ready says. */
export async function reasonOf(item: Named, cluster: Cluster): Promise<string | undefined> {
  const workload = await cluster.get(item.kind, item.name, item.namespace);
  const labels = Object.entries(workload?.spec.selector?.matchLabels ?? {});
  if (labels.length === 0) return undefined;
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  for await (const pod of cluster.list('Pod', { namespace: item.namespace, labelSelector })) {
    const problem = problemOfLive(pod);
    if (problem !== undefined) return `pod ${pod.metadata.name}: ${problem}`;
  }
  return undefined;
}

function problemOfLive(pod: Pod): string | undefined {
  return pod.metadata.deletionTimestamp === undefined ? podProblem(pod) : undefined;
}
