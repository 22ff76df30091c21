import type { ClusterObject } from '../support/normalise.ts';
import type { Objects } from './objects.ts';
import type { Ref } from './scenario.ts';
import { until } from './until.ts';

/** The fields of a Deployment, StatefulSet or DaemonSet that tell whether its pods are what it says. */
interface Rollout {
  readonly metadata: { readonly namespace: string; readonly generation: number };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Record<string, string> };
  };
  readonly status?: Readonly<
    Partial<
      Record<
        | 'observedGeneration'
        | 'replicas'
        | 'updatedReplicas'
        | 'readyReplicas'
        | 'desiredNumberScheduled'
        | 'updatedNumberScheduled'
        | 'numberReady',
        number
      >
    >
  >;
}

/** Waits until a workload's pods are those of its template and ready, and the others gone. */
export async function untilRolledOut(objects: Objects, ref: Ref): Promise<void> {
  await until(`the rollout of ${ref}`, async () => {
    const workload = (await objects.get(ref)) as unknown as Rollout | undefined;
    if (workload === undefined) return 'it is not there';
    // One that has just come has none yet.
    const { metadata, spec, status = {} } = workload;
    if (status.observedGeneration !== metadata.generation) return 'its controller has not seen it';
    const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
    const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
    const ready = status.numberReady ?? status.readyReplicas ?? 0;
    if (updated !== wanted || ready !== wanted) return `${String(updated)} updated, ${String(ready)} ready`;
    const pods = await podsOf(objects, workload);
    return pods.length === wanted ? undefined : `${String(pods.length)} pods instead of ${String(wanted)}`;
  });
}

async function podsOf(objects: Objects, { metadata, spec }: Rollout): Promise<ClusterObject[]> {
  const pods = await objects.list('Pod');
  return pods.filter(({ metadata: { namespace, labels } }) =>
    Object.entries(spec.selector.matchLabels).every(
      ([label, value]) =>
        namespace === metadata.namespace && (labels as Record<string, string> | undefined)?.[label] === value,
    ),
  );
}

/** So long nothing has changed. */
const QUIET_MS = 2_000;

/** Waits until no pod or workload changes any more. */
export async function untilQuiet(objects: Objects): Promise<void> {
  let seen = '';
  let since = performance.now();
  await until('the cluster to come to rest', async () => {
    const lists = await Promise.all(
      ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Namespace'].map((kind) => objects.list(kind)),
    );
    const now = JSON.stringify(lists.flat().map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
    if (now !== seen) {
      seen = now;
      since = performance.now();
    }
    return performance.now() - since >= QUIET_MS ? undefined : 'something changes';
  });
}
