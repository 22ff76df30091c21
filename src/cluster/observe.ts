import { type Frame, type Mesh, WORKLOAD_KINDS, frameOf, meshPodOf, workloadOf } from '../istio/mesh.ts';
import { isNotFound } from './api-error.ts';
import type { Cluster, ListOptions } from './cluster.ts';
import type { Kind, Kinds } from './resource.ts';

/** Reads the whole mesh: each list once, in pages, keeping of workloads and pods only what belongs to the mesh. */
export async function observeMesh(cluster: Cluster, istioNamespace: string): Promise<Mesh> {
  const frame = await observeFrame(cluster, istioNamespace);
  const [workloads, pods] = await Promise.all([
    Promise.all(
      WORKLOAD_KINDS.map((kind) => collect(cluster, kind, {}, (item) => workloadOf(kind, item, frame))),
    ),
    collect(cluster, 'Pod', {}, (item) => meshPodOf(item, frame)),
  ]);
  const all = workloads.flat();
  return {
    ...frame,
    workloads: all,
    pods,
    gateways: [
      ...frame.gateways,
      ...all.filter(({ gateway }) => gateway).map((item) => `${item.kind} ${item.namespace}/${item.name}`),
    ],
  };
}

/** The mesh without its workloads and pods: cheap, however big the cluster. */
export async function observeFrame(cluster: Cluster, istioNamespace: string): Promise<Frame> {
  const system = { namespace: istioNamespace };
  const keep = <T>(item: T): T => item;
  const [systemDeployments, systemDaemonSets, systemServices, mutating, validating, namespaces, gateways] =
    await Promise.all([
      collect(cluster, 'Deployment', system, keep),
      collect(cluster, 'DaemonSet', system, keep),
      collect(cluster, 'Service', system, keep),
      collect(cluster, 'MutatingWebhookConfiguration', {}, keep),
      collect(cluster, 'ValidatingWebhookConfiguration', {}, keep),
      collect(cluster, 'Namespace', {}, keep),
      collect(cluster, 'Gateway', {}, keep).catch((error: unknown) => {
        // The Gateway API is not installed on every cluster.
        if (isNotFound(error)) return [];
        throw error;
      }),
    ]);
  return frameOf({
    istioNamespace,
    systemDeployments,
    systemDaemonSets,
    systemServices,
    mutating,
    validating,
    namespaces,
    gateways,
  });
}

async function collect<K extends Kind, T>(
  cluster: Cluster,
  kind: K,
  options: ListOptions,
  pick: (item: Kinds[K]) => T | undefined,
): Promise<T[]> {
  const picked: T[] = [];
  for await (const item of cluster.list(kind, options)) {
    const value = pick(item);
    if (value !== undefined) picked.push(value);
  }
  return picked;
}
