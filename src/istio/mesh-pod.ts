import type { Pod } from '../cluster/objects.ts';
import { isOfGateway } from './api-gateway.ts';
import { isGatewayComponent } from './gateway.ts';
import type { Frame, MeshPod } from './mesh.ts';
import { ANNOTATION_PROXY_IMAGE, LABEL_COMPONENT } from './names.ts';
import { isFailing } from './pod-problem.ts';
import { discoveryNamespace, istiodsAsked, pinnedRevision, podInjectedBy } from './pod-injection.ts';
import { imageVersion, proxyContainer, revisionOfProxy } from './proxy.ts';
import { istiodName } from './revision.ts';
import { type Accepted, nobody } from './stragglers.ts';

/**
 * A pod that has a proxy of this mesh or should have one; undefined for any other, and for one that has finished. A
 * proxy that no injector made (a gateway written by hand, M08) counts once istiod says that it is connected: what
 * belongs to it can't be told from the pod.
 */
export function meshPodOf(pod: Pod, frame: Frame, accepted: Accepted = nobody): MeshPod | undefined {
  const { metadata, spec, status } = pod;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const { namespace = '', name, labels } = metadata;
  const proxy = proxyContainer(spec);
  const injected = spec.hostNetwork === true ? [] : podInjectedBy(frame, metadata);
  const revision = proxy === undefined ? undefined : revisionOfProxy(pod, proxy);
  const place = proxy === undefined ? undefined : discoveryNamespace(proxy);
  const foreign =
    place === undefined ? !isOwnRevision(frame, revision, namespace) : place !== frame.istioNamespace;
  if (injected.length === 0 && (revision === undefined || foreign)) return undefined;
  const owner = podOwner(pod);
  const own = istiodName(revision ?? '');
  const asks =
    proxy === undefined
      ? []
      : istiodsAsked(proxy, namespace, frame.istioNamespace).filter((service) => service !== own);
  const gateway = isGatewayComponent(labels?.[LABEL_COMPONENT]) ? 'installed' : undefined;
  return {
    namespace,
    name,
    owner,
    revision: foreign ? undefined : revision,
    version: foreign ? undefined : imageVersion(proxy?.image),
    ready:
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
    injectedBy: injected,
    pinnedRevision: pinnedRevision(frame, metadata),
    accepted:
      accepted({ kind: 'Pod', namespace, name, labels, gateway }) ||
      (owner !== undefined && accepted({ ...owner, namespace, labels: undefined, gateway })),
    ...(metadata.annotations?.[ANNOTATION_PROXY_IMAGE] === undefined ? {} : { keepsImage: true }),
    ...(isOfGateway(labels) ? { ofGateway: true } : {}),
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    ...(isFailing(pod) ? { failing: true } : {}),
    ...(asks.length === 0 ? {} : { asks }),
  };
}

/**
 * Without an address of its istiod, a proxy is of this mesh when nobody else has its revision, or this mesh has it; but
 * not in the namespace of another mesh's istiod, from a ConfigMap of which it reads whom to ask.
 */
function isOwnRevision(
  { foreignInjectors, planes }: Frame,
  revision: string | undefined,
  namespace: string,
): boolean {
  if (foreignInjectors.some(({ istioNamespace }) => istioNamespace === namespace)) return false;
  return (
    foreignInjectors.every((injector) => injector.revision !== revision) ||
    planes.some((plane) => plane.revision === revision)
  );
}

/** The label of the template's hash on a pod, and what made the pod's ReplicaSet: a Deployment, or Argo's Rollout. */
const HASHES = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const;

/** A ReplicaSet is named after its own maker and the template's hash, so it need not be read. */
function podOwner({ metadata }: Pod): MeshPod['owner'] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  for (const [label, kind] of HASHES) {
    const hash = metadata.labels?.[label];
    if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
      return { kind, name: owner.name.slice(0, -hash.length - 1) };
  }
  return { kind: owner.kind, name: owner.name };
}
