import { type MadeDeployment, madeDeploymentOf, withDeployments } from '../istio/api-gateway.ts';
import { type JobOfCronJob, jobOfCronJob, withAcceptedJobs } from '../istio/cron-job.ts';
import { frameOf } from '../istio/frame.ts';
import { gatewayKindOf } from '../istio/gateway.ts';
import { type InClusterOperator, inClusterOperatorOf, withOperators } from '../istio/in-cluster-operator.ts';
import { OF_GATEWAYS, installedGatewayOf } from '../istio/installed-gateway.ts';
import { meshPodOf } from '../istio/mesh-pod.ts';
import { type Frame, type Mesh, OWNED_KINDS, type OwnedKind, WORKLOAD_KINDS, nameOf } from '../istio/mesh.ts';
import { MAKER_KINDS, makerOf, templateOf } from '../istio/pod-maker.ts';
import { type ProxyByHand, proxyByHandOf } from '../istio/proxy-by-hand.ts';
import { type Accepted, nobody } from '../istio/stragglers.ts';
import { type SharedComponent, sharedComponentOf } from '../istio/shared-component.ts';
import { workloadOf } from '../istio/workload.ts';
import { isNotFound } from './api-error.ts';
import type { Cluster, ListOptions } from './cluster.ts';
import type { KubernetesObject, PodTemplate, WorkloadObject } from './objects.ts';
import { type Kind, type Kinds, RESOURCES } from './resource.ts';

/** What istioctl labels what it installs for one control plane with (T20). */
const OWNED = 'operator.istio.io/managed,operator.istio.io/component=Pilot';

/** Kinds that are not on every cluster: their CRD may be missing. */
const OPTIONAL: readonly Kind[] = ['Gateway', 'Rollout'];

/** How the mesh is looked at. */
export interface Look {
  /** Kinds of objects that istioctl owns; a phase that removes nothing need not know them, nor have the right to. */
  readonly kinds?: readonly OwnedKind[];
  /** What may stay behind. */
  readonly accepted?: Accepted;
}

/** Reads the whole mesh: each list once, in pages, keeping of workloads and pods only what belongs to the mesh. */
export async function observeMesh(
  cluster: Cluster,
  istioNamespace: string,
  { kinds = OWNED_KINDS, accepted = nobody }: Look = {},
): Promise<Mesh> {
  const frame = await observeFrame(cluster, istioNamespace, kinds);
  const shared: SharedComponent[] = [];
  const made: MadeDeployment[] = [];
  const operators: InClusterOperator[] = [];
  const rendered: WorkloadObject[] = [];
  const byHand: ProxyByHand[] = [];
  const jobs: JobOfCronJob[] = [];
  const keepByHand = (
    kind: string,
    item: KubernetesObject,
    template: Partial<PodTemplate> | undefined,
  ): void => {
    const found = template === undefined ? undefined : proxyByHandOf(kind, item, template, frame);
    if (found !== undefined) byHand.push(found);
  };
  const [workloads, makers, pods] = await Promise.all([
    Promise.all(
      WORKLOAD_KINDS.map((kind) =>
        collect(cluster, kind, {}, (item) => {
          const component = kind === 'DaemonSet' ? sharedComponentOf(item) : undefined;
          if (component !== undefined) shared.push(component);
          const ofGateway = kind === 'Deployment' ? madeDeploymentOf(item) : undefined;
          if (ofGateway !== undefined) made.push(ofGateway);
          const operator = kind === 'Deployment' ? inClusterOperatorOf(item) : undefined;
          if (operator !== undefined) operators.push(operator);
          if (kind === 'Deployment' && gatewayKindOf(item) === 'installed') rendered.push(item);
          // Istiod makes it anew for the revision that its Gateway chooses.
          else if (ofGateway === undefined) keepByHand(kind, item, item.spec.template);
          return workloadOf(kind, item, frame, accepted);
        }),
      ),
    ),
    Promise.all(
      MAKER_KINDS.map((kind) =>
        collect(cluster, kind, {}, (item) => {
          keepByHand(kind, item, templateOf(item));
          const job = kind === 'Job' ? jobOfCronJob(item.metadata) : undefined;
          if (job !== undefined) jobs.push(job);
          return makerOf(kind, item, frame, accepted);
        }),
      ),
    ),
    collect(cluster, 'Pod', {}, (item) => meshPodOf(item, frame, accepted)),
  ]);
  const apiGateways = withDeployments(frame.apiGateways, made, istioNamespace);
  const all = workloads.flat();
  const moved = new Set(
    apiGateways.map(({ namespace, deployment = '' }) =>
      nameOf({ kind: 'Deployment', namespace, name: deployment }),
    ),
  );
  const services =
    rendered.length === 0
      ? []
      : await collect(cluster, 'Service', { labelSelector: OF_GATEWAYS }, ({ metadata }) => ({
          metadata,
        }));
  return {
    ...frame,
    planes: withOperators(frame.planes, operators, istioNamespace),
    apiGateways,
    workloads: all,
    makers: makers.flat(),
    pods: withAcceptedJobs(pods, jobs, accepted),
    byHand,
    shared,
    installedGateways: rendered.flatMap(
      (item) => installedGatewayOf(item, istioNamespace, services, accepted) ?? [],
    ),
    gateways: [
      ...frame.gateways,
      ...all
        .filter(({ gateway }) => gateway === 'applied' || gateway === 'gateway-api')
        .map(nameOf)
        .filter((name) => !moved.has(name)),
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
  const [systemDeployments, systemServices, mutating, validating, namespaces, gateways, owned] =
    await Promise.all([
      collect(cluster, 'Deployment', system, keep),
      collect(cluster, 'Service', system, keep),
      collect(cluster, 'MutatingWebhookConfiguration', {}, keep),
      collect(cluster, 'ValidatingWebhookConfiguration', {}, keep),
      collect(cluster, 'Namespace', {}, keep),
      collect(cluster, 'Gateway', {}, keep),
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
  try {
    for await (const item of cluster.list(kind, options)) {
      const value = pick(item);
      if (value !== undefined) picked.push(value);
    }
  } catch (error) {
    if (!isNotFound(error) || !OPTIONAL.includes(kind)) throw error;
  }
  return picked;
}
