import type { ApiGateway } from './api-gateway.ts';
import type { DeadWebhook } from './dead-webhook.ts';
import type { GatewayKind } from './gateway.ts';
import type { GitOwner } from './git-owner.ts';
import type { Injector } from './injection.ts';
import type { InstalledGateway } from './installed-gateway.ts';
import type { KeptTag } from './kept-tags.ts';
import { DEFAULT_TAG, type Labels } from './names.ts';
import type { Originals } from './originals.ts';
import type { ProxyByHand } from './proxy-by-hand.ts';
import type { VersionSource } from './plane-version.ts';
import type { Rollout } from './rollout.ts';
import type { Adoption } from './adoption.ts';
import type { SharedComponent } from './shared-component.ts';
import type { UnmovedKind } from './unmoved-gateway.ts';
import type { TemplateOwner } from './template-owner.ts';

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Who installed a control plane, and so who may upgrade it. */
export type Owner = 'istioctl' | 'helm' | 'operator' | 'gitops' | 'unknown';

/** One revision of istiod. */
export interface ControlPlane {
  readonly revision: string;
  /** Undefined where nobody tells it. */
  readonly version: string | undefined;
  /** What tells the version; undefined where nothing does. */
  readonly versionFrom?: VersionSource | undefined;
  readonly deployment: string;
  readonly rollout: Rollout;
  readonly service: boolean;
  /** The MutatingWebhookConfiguration of its own, not a tag's. */
  readonly injector: string | undefined;
  readonly owner: Owner;
  /** Of Istio's in-cluster operator, where that may own it. */
  readonly operator?: { readonly namespace: string; readonly name: string };
  /** Namespace of the IstioOperator that it was made of; left out where it does not say. */
  readonly madeIn?: string;
  /** Its own strategy takes all its pods at once: no pod is injected then. */
  readonly stopsToRoll?: true;
  /** Changes when its Deployment, Service or injector changes; CA bundles aside. */
  readonly fingerprint: string;
}

/** A revision tag: a name that points to a revision. */
export interface Tag {
  readonly tag: string;
  readonly revision: string;
  readonly webhook: string;
  /** The revision that the tag's Service leads to; undefined where it has none, as older istioctl make none. */
  readonly service: string | undefined;
}

/** The Service of a tag that has no webhook any more: `tag remove` was stopped between the two. */
export interface LoneTagService {
  readonly tag: string;
  readonly revision: string;
}

export interface MeshNamespace {
  readonly name: string;
  readonly labels: Labels;
  /**
   * How its labels choose a control plane; `both`: two labels, of which `istio-injection` wins (H15); `none` also where
   * `istio-injection` says anything but `enabled`, because then no webhook injects it, whatever `istio.io/rev` says (M29).
   */
  readonly choice: 'injection' | 'revision' | 'both' | 'none';
  /** The revisions of this mesh that inject a pod without labels of its own that is born there now. */
  readonly injectedBy: readonly string[];
  /** Control planes of other meshes that would inject it, as `revision in namespace`. */
  readonly foreign: readonly string[];
  /** Labels as they were before this Action, as its annotation says; undefined without one that can be read. */
  readonly originals: Originals | undefined;
  /** The annotation that should say so, where it holds something else. */
  readonly unreadableOriginals: string | undefined;
  /** The tag that this Action has made it follow (`adopt-tags`), as its annotation says. */
  readonly adopted?: Adoption;
  /** What keeps a label by which it chooses from Git, if anything does: Argo CD or Flux, and the labels (H18). */
  readonly git: GitOwner | undefined;
  /** It is being deleted: nothing is moved there, and nothing waited for. */
  readonly terminating: boolean;
  /** When the API server made it, in UTC (RFC 3339). */
  readonly createdAt?: string;
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
  /** A StatefulSet's pods below this ordinal keep the old template; 0 where all of them move. */
  readonly partition: number;
  readonly restartedFor: string | undefined;
  /** Undefined for one that is no gateway. */
  readonly gateway: GatewayKind | undefined;
  /** Whether a restart leaves a pod serving at every moment. */
  readonly servesThroughout: boolean;
  /** The revision or tag that the template itself chooses; undefined where its namespace chooses, whose label wins (H16). */
  readonly pinnedRevision: string | undefined;
  /** Injection templates that its template asks for; left out where it leaves them to the injector. */
  readonly templates?: readonly string[];
  /** Variant of the proxy's image that its template asks for; left out where it asks for none. */
  readonly proxyVariant?: string;
  /** Named by the input `allow-stragglers`: it may stay behind, and is never waited for. */
  readonly accepted: boolean;
  /** When the API server made it, in UTC (RFC 3339). */
  readonly createdAt?: string;
  /** The proxy's image that its template keeps (`sidecar.istio.io/proxyImage`), whatever istiod injects; left out where it keeps none. */
  readonly proxyImage?: string;
  /** Who keeps the template, where that chooses its revision itself. */
  readonly keptBy?: TemplateOwner;
  /** Istiod makes it for a Gateway and rolls it by itself: no restart of ours moves it. */
  readonly ofGateway?: boolean;
}

/** A pod that has a proxy of this mesh, or should have one. Finished pods are not in it (H28). */
export interface MeshPod {
  readonly namespace: string;
  readonly name: string;
  /** What made it: a workload, or something that this Action can't restart, or nothing. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** The revision of its proxy; undefined when no injector of this mesh is known to have given it one (H09, T14). */
  readonly revision: string | undefined;
  readonly version: string | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly injectedBy: readonly string[];
  /** As a workload's, both. */
  readonly pinnedRevision: string | undefined;
  readonly ofGateway?: boolean;
  /** Named by the input `allow-stragglers`. */
  readonly accepted: boolean;
  /** Its proxy's image is kept by an annotation of its own, whatever injects it. */
  readonly keepsImage?: true;
  readonly uid?: string;
  readonly failing?: true; // By `isFailing`.
  /** Services of istiods in the Istio namespace that its proxy asks, for certificates too, and that are not its own revision's. */
  readonly asks?: readonly string[];
}

/** The template of something that makes pods later, and that this Action does not restart: a CronJob, a Job, a Rollout. */
export interface PodMaker {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The revisions of this mesh that would inject a pod that it makes now. */
  readonly injectedBy: readonly string[];
  readonly pinnedRevision: string | undefined;
  readonly accepted: boolean;
  /** As a workload's, both. */
  readonly templates?: readonly string[];
  readonly keptBy?: TemplateOwner;
}

/** An object that istioctl installed for one revision alone; tags' objects are not among them. */
export interface OwnedObject {
  readonly kind: OwnedKind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
  readonly revision: string;
  readonly terminating: boolean;
  /** Version of the istioctl that has written it last, by its label; undefined where it has none. */
  readonly installedAs?: string;
  /** Digest of what its configuration decides; undefined for kinds whose content nobody compares. */
  readonly content: string | undefined;
}

/** The kinds that a control plane is made of, in the order in which they are best deleted: who asks it goes first. */
export const OWNED_KINDS = [
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'Deployment',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'NetworkPolicy',
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
  /** Of this mesh's control planes: their webhooks ask a Service in the Istio namespace. */
  readonly injectors: readonly Injector[];
  /** Of other meshes: nothing that they inject is written or judged (M03). */
  readonly foreignInjectors: readonly Injector[];
  readonly tags: readonly Tag[];
  readonly loneTagServices: readonly LoneTagService[];
  /** Of the tags and the default, what Git or Helm keeps. */
  readonly keptTags?: readonly KeptTag[];
  /** The revisions that inject namespaces with `istio-injection=enabled`: one in a healthy mesh. */
  readonly defaultInjector: readonly string[];
  /** The revision that validates Istio's objects by default; undefined when there is no default validator, or it is another mesh's. */
  readonly defaultValidator: string | undefined;
  /** The revision that the default tag's Service leads to; undefined where there is none, as older istioctl make none. */
  readonly defaultService: string | undefined;
  /** Releases whose istioctl installed the default tag's objects, as these say; where they say nothing, none. */
  readonly defaultInstalledAs?: readonly string[];
  /** Webhooks that would change pods, and the Service in the Istio namespace that each asks. */
  readonly mutators?: readonly { readonly configuration: string; readonly service: string }[];
  /** Webhooks that ask a Service which is not there. */
  readonly deadWebhooks?: readonly DeadWebhook[];
  readonly namespaces: readonly MeshNamespace[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly MeshPod[];
  readonly makers: readonly PodMaker[];
  /** Gateways that this Action does not move: of the Gateway API with another class of Istio's, and what something else applies. */
  readonly gateways: readonly string[];
  /** Of those that are of the Gateway API, by their name: why not. */
  readonly unmoved?: Readonly<Record<string, UnmovedKind>>;
  /** Gateways of the Gateway API whose workloads istiod makes: they move by their label. */
  readonly apiGateways: readonly ApiGateway[];
  /** Gateways that istioctl installed: what one of its commands could have changed (M39). */
  readonly installedGateways: readonly InstalledGateway[];
  /** Templates with a proxy that no injector gives them. */
  readonly byHand?: readonly ProxyByHand[];
  /** What no revision owns but all share: CNI and ztunnel. */
  readonly shared: readonly SharedComponent[];
  /** What istioctl installed, by revision: a half-done installation may be no more than an account and a role. */
  readonly owned: readonly OwnedObject[];
}

/** The part of a mesh that is there before workloads and pods are read. */
export type Frame = Omit<Mesh, 'workloads' | 'pods' | 'makers' | 'byHand' | 'shared' | 'installedGateways'>;

export function planeOfRevision(mesh: Pick<Mesh, 'planes'>, revision: string): ControlPlane | undefined {
  return mesh.planes.find((plane) => plane.revision === revision);
}

/** Tags that users made: all but the default one. */
export function userTags(mesh: Pick<Mesh, 'tags'>): readonly Tag[] {
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
