import {
  type Frame,
  type Mesh,
  OWNED_KINDS,
  type OwnedKind,
  WORKLOAD_KINDS,
  frameOf,
  meshPodOf,
  workloadOf,
} from '../istio/mesh.ts';
import { isNotFound } from './api-error.ts';
import type { Cluster, ListOptions } from './cluster.ts';
import { type Kind, type Kinds, RESOURCES } from './resource.ts';

/** What istioctl labels what it installs for one control plane with (T20). */
const OWNED = 'operator.istio.io/managed,operator.istio.io/component=Pilot';

/**
 * Reads the whole mesh: each list once, in pages, keeping of workloads and pods only what belongs to the mesh.
 *
 * @param kinds of objects that istioctl owns; a phase that removes nothing need not know them, nor have the right to
 */
export async function observeMesh(
  cluster: Cluster,
  istioNamespace: string,
  kinds: readonly OwnedKind[] = OWNED_KINDS,
): Promise<Mesh> {
  const frame = await observeFrame(cluster, istioNamespace, kinds);
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
async function observeFrame(
  cluster: Cluster,
  istioNamespace: string,
  kinds: readonly OwnedKind[],
): Promise<Frame> {
  const system = { namespace: istioNamespace };
  const keep = <T>(item: T): T => item;
  const [
    systemDeployments,
    systemDaemonSets,
    systemServices,
    mutating,
    validating,
    namespaces,
    gateways,
    owned,
  ] = await Promise.all([
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
    Promise.all(
      kinds.map(async (kind) => {
        const options = RESOURCES[kind].namespaced ? system : {};
        return [kind, await collect(cluster, kind, { ...options, labelSelector: OWNED }, keep)] as const;
      }),
    ),
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
    owned,
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
