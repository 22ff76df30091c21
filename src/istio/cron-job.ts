import type { Metadata } from '../cluster/objects.ts';
import type { MeshPod } from './mesh.ts';
import type { Accepted } from './stragglers.ts';

type Named = Pick<Metadata, 'namespace' | 'name' | 'ownerReferences'>;

/** A Job and the CronJob that it belongs to, however it is named (`kubectl create job --from=cronjob/…` names it freely). */
export interface JobOfCronJob {
  readonly namespace: string;
  readonly job: string;
  readonly cronJob: string;
}

/** Undefined for a Job of nobody's. Not every kubectl calls the CronJob its controller. */
export function jobOfCronJob({
  namespace = '',
  name,
  ownerReferences = [],
}: Named): JobOfCronJob | undefined {
  const owner = ownerReferences.find(
    ({ kind, apiVersion }) => kind === 'CronJob' && apiVersion.startsWith('batch/'),
  );
  return owner === undefined ? undefined : { namespace, job: name, cronJob: owner.name };
}

/** Whether the CronJob of a Job was named as a straggler: its name stands for all its Jobs. */
export function isAcceptedJob(job: JobOfCronJob | undefined, accepted: Accepted): boolean {
  return (
    job !== undefined &&
    accepted({ kind: 'CronJob', namespace: job.namespace, name: job.cronJob, labels: undefined })
  );
}

/** Pods name their Job alone; who that belongs to is told by the Jobs, which are read beside them. */
export function withAcceptedJobs(
  pods: readonly MeshPod[],
  jobs: readonly JobOfCronJob[],
  accepted: Accepted,
): readonly MeshPod[] {
  const named = new Set(
    jobs.filter((item) => isAcceptedJob(item, accepted)).map(({ namespace, job }) => `${namespace}/${job}`),
  );
  if (named.size === 0) return pods;
  return pods.map((pod) =>
    pod.owner?.kind === 'Job' && named.has(`${pod.namespace}/${pod.owner.name}`)
      ? { ...pod, accepted: true }
      : pod,
  );
}
