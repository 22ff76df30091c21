import type {
  KubernetesObject,
  Namespace,
  Pod,
  Service,
  WebhookConfiguration,
  WorkloadObject,
} from '../cluster/objects.ts';
import type { Injector } from './injection.ts';
import { injectedBy, injectorsOf } from './injection.ts';
import {
  ANNOTATION_ORIGINAL_LABELS,
  ANNOTATION_RESTARTED_FOR,
  DEFAULT_TAG,
  DEFAULT_VALIDATOR,
  LABEL_COMPONENT,
  LABEL_INJECTION,
  LABEL_MANAGED,
  LABEL_REVISION,
  LABEL_TAG,
  type Labels,
  UNREVISIONED,
} from './names.ts';
import { type Originals, parseOriginals } from './originals.ts';
import { imageVersion, injectedRevision, proxyContainer } from './proxy.ts';
import { type Rollout, rolloutOf } from './rollout.ts';

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Who installed a control plane, and so who may upgrade it. */
export type Owner = 'istioctl' | 'helm' | 'operator' | 'gitops' | 'unknown';

/** One revision of istiod. */
export interface ControlPlane {
  readonly revision: string;
  /** From the image's tag; undefined where the image does not tell. */
  readonly version: string | undefined;
  readonly deployment: string;
  readonly rollout: Rollout;
  readonly service: boolean;
  /** The MutatingWebhookConfiguration of its own, not a tag's. */
  readonly injector: string | undefined;
  readonly owner: Owner;
  /** Changes when its Deployment, Service or injector changes; CA bundles aside. */
  readonly fingerprint: string;
}

/** A revision tag: a name that points to a revision. */
export interface Tag {
  readonly tag: string;
  readonly revision: string;
  readonly webhook: string;
}

export interface MeshNamespace {
  readonly name: string;
  readonly labels: Labels;
  /** How it chose its control plane; `both`: two labels, of which `istio-injection` wins (H15). */
  readonly choice: 'injection' | 'revision' | 'both' | 'none';
  /** The revisions that inject a pod without labels of its own that is born there now. */
  readonly injectedBy: readonly string[];
  /** Labels as they were before this Action; undefined where it changed none. */
  readonly originals: Originals | undefined;
  /** The annotation that should say so, where it holds something else. */
  readonly unreadableOriginals: string | undefined;
  /** What tracks its labels from Git, if anything does: Argo CD or Flux. */
  readonly gitOwner: string | undefined;
}

export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly injectedBy: readonly string[];
  readonly rollout: Rollout;
  /** New pods come only when old ones are deleted by hand (H29). */
  readonly onDelete: boolean;
  readonly paused: boolean;
  readonly restartedFor: string | undefined;
  readonly gateway: boolean;
  /** The template itself says which revision it wants; a namespace's label beats it (H16). */
  readonly pinnedRevision: string | undefined;
}

/** A pod that has a proxy, or should have one. Finished pods are not in it (H28). */
export interface MeshPod {
  readonly namespace: string;
  readonly name: string;
  /** What made it: a workload, or something that this Action can't restart, or nothing. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** The revision of its proxy; undefined when it has no proxy although one is due (H09, T14). */
  readonly revision: string | undefined;
  readonly version: string | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly injectedBy: readonly string[];
}

/** An object that istioctl installed for one revision alone; tags' objects are not among them. */
export interface OwnedObject {
  readonly kind: OwnedKind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
  readonly revision: string;
  readonly terminating: boolean;
}

/** The kinds that a control plane is made of, in the order in which they are best deleted: who asks it goes first. */
export const OWNED_KINDS = [
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'Deployment',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Service',
  'ConfigMap',
  'ServiceAccount',
  'RoleBinding',
  'Role',
  'ClusterRoleBinding',
  'ClusterRole',
] as const;
export type OwnedKind = (typeof OWNED_KINDS)[number];

/** Everything the phases decide from, read off the cluster at one time. */
export interface Mesh {
  readonly istioNamespace: string;
  readonly planes: readonly ControlPlane[];
  readonly injectors: readonly Injector[];
  readonly tags: readonly Tag[];
  /** The revisions that inject namespaces with `istio-injection=enabled`: one in a healthy mesh. */
  readonly defaultInjector: readonly string[];
  /** The revision that validates Istio's objects by default; undefined when there is no default validator. */
  readonly defaultValidator: string | undefined;
  /** The revision that the default tag's Service leads to; undefined where there is none, as older istioctl make none. */
  readonly defaultService: string | undefined;
  readonly namespaces: readonly MeshNamespace[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly MeshPod[];
  /** Gateways of the Gateway API with an Istio class, and gateway workloads, as `Kind namespace/name`. */
  readonly gateways: readonly string[];
  /** Objects that no revision owns but all share: CNI and ztunnel. */
  readonly shared: readonly string[];
  /** What istioctl installed, by revision: a half-done installation may be no more than an account and a role. */
  readonly owned: readonly OwnedObject[];
}

/** The raw lists that a {@link Mesh} is made of. */
export interface MeshObjects {
  readonly istioNamespace: string;
  readonly systemDeployments: readonly WorkloadObject[];
  readonly systemDaemonSets: readonly WorkloadObject[];
  readonly systemServices: readonly Service[];
  readonly mutating: readonly WebhookConfiguration[];
  readonly validating: readonly WebhookConfiguration[];
  readonly namespaces: readonly Namespace[];
  readonly gateways: readonly (KubernetesObject & { readonly spec: { readonly gatewayClassName: string } })[];
  /** By kind; empty where nobody asks what is left of an installation. */
  readonly owned: readonly (readonly [OwnedKind, readonly KubernetesObject[]])[];
}

/** The part of a mesh that is there before workloads and pods are read. */
export type Frame = Omit<Mesh, 'workloads' | 'pods'>;

/** Control planes, tags, webhooks and namespaces, from the raw objects. */
export function frameOf(objects: MeshObjects): Frame {
  const injectors = injectorsOf(objects.mutating);
  const validator = objects.validating.find(({ metadata }) => metadata.name === DEFAULT_VALIDATOR);
  return {
    istioNamespace: objects.istioNamespace,
    planes: objects.systemDeployments.filter(isControlPlane).map((item) => planeOf(item, objects)),
    injectors,
    tags: objects.mutating.flatMap(tagOf),
    defaultInjector: injectedBy(injectors, { [LABEL_INJECTION]: 'enabled' }),
    defaultValidator: validator?.metadata.labels?.[LABEL_REVISION],
    defaultService: objects.systemServices.find(
      ({ metadata }) => metadata.labels?.[LABEL_TAG] === DEFAULT_TAG,
    )?.metadata.labels?.[LABEL_REVISION],
    namespaces: objects.namespaces.map((namespace) => namespaceOf(namespace, injectors)),
    gateways: objects.gateways
      .filter(({ spec }) => spec.gatewayClassName.startsWith('istio'))
      .map(({ metadata }) => `Gateway ${metadata.namespace ?? ''}/${metadata.name}`),
    shared: objects.systemDaemonSets
      .filter(({ metadata }) => /^(istio-cni-node|ztunnel)/.test(metadata.name))
      .map(({ metadata }) => `DaemonSet ${metadata.namespace ?? ''}/${metadata.name}`),
    owned: objects.owned.flatMap(([kind, items]) => items.flatMap((item) => ownedOf(kind, item))),
  };
}

function ownedOf(kind: OwnedKind, { metadata }: KubernetesObject): OwnedObject[] {
  const { labels = {}, name, namespace, uid, deletionTimestamp } = metadata;
  const revision = labels[LABEL_REVISION];
  return revision === undefined || labels[LABEL_TAG] !== undefined
    ? []
    : [{ kind, namespace, name, uid, revision, terminating: deletionTimestamp !== undefined }];
}

function isControlPlane({ metadata }: WorkloadObject): boolean {
  return metadata.labels?.app === 'istiod';
}

function planeOf(deployment: WorkloadObject, objects: MeshObjects): ControlPlane {
  const revision = deployment.metadata.labels?.[LABEL_REVISION] ?? UNREVISIONED;
  const service = objects.systemServices.find(({ metadata }) => metadata.name === deployment.metadata.name);
  const injector = objects.mutating.find(
    ({ metadata }) =>
      metadata.labels?.[LABEL_REVISION] === revision &&
      metadata.labels[LABEL_TAG] === undefined &&
      metadata.name.startsWith('istio-sidecar-injector'),
  );
  const image = deployment.spec.template.spec.containers.find(({ name }) => name === 'discovery')?.image;
  return {
    revision,
    version: imageVersion(image),
    deployment: deployment.metadata.name,
    rollout: rolloutOf('Deployment', deployment),
    service: service !== undefined,
    injector: injector?.metadata.name,
    owner: ownerOf(deployment),
    fingerprint: JSON.stringify([
      deployment.metadata.uid,
      deployment.spec.template,
      service?.metadata.uid,
      service?.spec.selector,
      injector?.metadata.labels,
      withoutCertificates(injector),
    ]),
  };
}

/** A webhook configuration's webhooks without their CA bundles, which istiod rewrites by itself. */
export function withoutCertificates(configuration: WebhookConfiguration | undefined): unknown {
  return configuration?.webhooks?.map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle: undefined },
  }));
}

/** T20: istioctl's objects also say that Helm manages them; its own label tells them apart. */
function ownerOf({ metadata }: WorkloadObject): Owner {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  if (gitOwnerOf(metadata) !== undefined) return 'gitops';
  if (ownerReferences.some(({ apiVersion }) => apiVersion.includes('sailoperator.io'))) return 'operator';
  if (labels[LABEL_MANAGED] !== undefined) return 'istioctl';
  if (annotations['meta.helm.sh/release-name'] !== undefined) return 'helm';
  return 'unknown';
}

function gitOwnerOf({ labels = {}, annotations = {} }: KubernetesObject['metadata']): string | undefined {
  if (annotations['argocd.argoproj.io/tracking-id'] ?? labels['argocd.argoproj.io/instance'])
    return 'Argo CD';
  if (labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name']) return 'Flux';
  return undefined;
}

function tagOf({ metadata }: WebhookConfiguration): Tag[] {
  const tag = metadata.labels?.[LABEL_TAG];
  const revision = metadata.labels?.[LABEL_REVISION];
  return tag === undefined || revision === undefined ? [] : [{ tag, revision, webhook: metadata.name }];
}

function namespaceOf({ metadata }: Namespace, injectors: readonly Injector[]): MeshNamespace {
  const labels = metadata.labels ?? {};
  const injection = labels[LABEL_INJECTION] === 'enabled';
  const revision = labels[LABEL_REVISION] !== undefined;
  const annotation = metadata.annotations?.[ANNOTATION_ORIGINAL_LABELS];
  const originals = annotation === undefined ? undefined : parseOriginals(annotation);
  return {
    name: metadata.name,
    labels,
    choice: injection ? (revision ? 'both' : 'injection') : revision ? 'revision' : 'none',
    injectedBy: injectedBy(injectors, labels),
    originals,
    unreadableOriginals: originals === undefined ? annotation : undefined,
    gitOwner: gitOwnerOf(metadata),
  };
}

/** A workload that is injected, or that is a gateway; undefined for one that has nothing to do with the mesh. */
export function workloadOf(kind: WorkloadKind, object: WorkloadObject, frame: Frame): Workload | undefined {
  const { metadata, spec } = object;
  const template = spec.template.metadata ?? {};
  const injected = podInjectedBy(
    frame,
    metadata.namespace ?? '',
    template.labels ?? {},
    template.annotations,
  );
  const gateway = isGateway(object);
  if ((injected.length === 0 || spec.template.spec.hostNetwork === true) && !gateway) return undefined;
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    injectedBy: injected,
    rollout: rolloutOf(kind, object),
    onDelete: spec.updateStrategy?.type === 'OnDelete',
    paused: spec.paused === true,
    restartedFor: template.annotations?.[ANNOTATION_RESTARTED_FOR],
    gateway,
    pinnedRevision: template.labels?.[LABEL_REVISION],
  };
}

function isGateway({ metadata, spec }: WorkloadObject): boolean {
  const template = spec.template.metadata ?? {};
  return (
    ['IngressGateways', 'EgressGateways'].includes(metadata.labels?.[LABEL_COMPONENT] ?? '') ||
    (template.annotations?.['inject.istio.io/templates'] ?? '').includes('gateway') ||
    template.labels?.['gateway.networking.k8s.io/gateway-name'] !== undefined
  );
}

/** A pod that has a proxy or should have one; undefined for any other, and for one that has finished. */
export function meshPodOf(pod: Pod, frame: Frame): MeshPod | undefined {
  const { metadata, spec, status } = pod;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const proxy = proxyContainer(spec);
  const injected =
    spec.hostNetwork === true
      ? []
      : podInjectedBy(frame, metadata.namespace ?? '', metadata.labels ?? {}, metadata.annotations);
  if (proxy === undefined && injected.length === 0) return undefined;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    owner: podOwner(pod),
    revision: proxy === undefined ? undefined : injectedRevision(pod),
    version: imageVersion(proxy?.image),
    ready:
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
    injectedBy: injected,
  };
}

/** As {@link injectedBy}, and the annotation that the injector itself reads beside the webhooks' selectors. */
function podInjectedBy(
  frame: Frame,
  namespace: string,
  labels: Labels,
  annotations: Labels | undefined,
): readonly string[] {
  if (annotations?.['sidecar.istio.io/inject'] === 'false') return [];
  const home = frame.namespaces.find(({ name }) => name === namespace);
  return home === undefined ? [] : injectedBy(frame.injectors, home.labels, labels);
}

/** A ReplicaSet of a Deployment is named after it and the template's hash, so it need not be read. */
function podOwner({ metadata }: Pod): MeshPod['owner'] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner?.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return owner === undefined ? undefined : { kind: owner.kind, name: owner.name };
}

export function planeOfRevision(mesh: Frame, revision: string): ControlPlane | undefined {
  return mesh.planes.find((plane) => plane.revision === revision);
}

/** Tags that users made: all but the default one. */
export function userTags(mesh: Frame): readonly Tag[] {
  return mesh.tags.filter(({ tag }) => tag !== DEFAULT_TAG);
}

/** `Kind namespace/name`, as findings and reports name an object. */
export function nameOf(item: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${item.kind} ${item.namespace}/${item.name}`;
}
