import type { WebhookConfiguration } from '../../src/cluster/objects.ts';
import { type Injector, injectedBy, injectorsOf } from '../../src/istio/injection.ts';
import { choiceOf } from '../../src/istio/namespace.ts';
import { NOTHING_BEFORE } from '../../src/istio/before.ts';
import { nobody } from '../../src/istio/stragglers.ts';
import type { ApiGateway } from '../../src/istio/api-gateway.ts';
import { claimants } from '../../src/istio/gateway-claims.ts';
import type { InstalledGateway } from '../../src/istio/installed-gateway.ts';
import type { SharedComponent } from '../../src/istio/shared-component.ts';
import type { View } from '../../src/decide/upgrade.ts';
import type {
  ControlPlane,
  Mesh,
  MeshNamespace,
  MeshPod,
  OwnedObject,
  PodMaker,
  Workload,
} from '../../src/istio/mesh.ts';

/** A revision's injector, with the selectors of Istio's chart (1.10 and later). */
export function revisionWebhook(revision: string): WebhookConfiguration {
  return {
    metadata: { name: `istio-sidecar-injector-${revision}`, labels: { 'istio.io/rev': revision } },
    webhooks: byName(revision, revision),
  };
}

/** A tag's injector; the default tag's also takes namespaces with `istio-injection=enabled`. */
export function tagWebhook(tag: string, revision: string): WebhookConfiguration {
  return {
    metadata: {
      name: `istio-revision-tag-${tag}`,
      labels: { 'istio.io/rev': revision, 'istio.io/tag': tag },
    },
    webhooks: [...byName(tag, revision), ...(tag === 'default' ? byInjection(revision) : [])],
  };
}

/** A revision's injector of another mesh: its istiod is in another namespace, or outside of the cluster (M03). */
export function foreignWebhook(revision: string, istioNamespace: string | undefined): WebhookConfiguration {
  const { metadata, webhooks = [] } = revisionWebhook(revision);
  const clientConfig =
    istioNamespace === undefined
      ? { url: 'https://istiod.example.com/inject' }
      : { service: { name: `istiod-${revision}`, namespace: istioNamespace } };
  return {
    metadata: { ...metadata, name: `${metadata.name}-${istioNamespace ?? 'elsewhere'}` },
    webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig })),
  };
}

function service(revision: string) {
  return {
    service: { name: revision === 'default' ? 'istiod' : `istiod-${revision}`, namespace: 'istio-system' },
  };
}

const notRefused = { key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] };

function byName(value: string, revision: string) {
  return [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: service(revision),
      namespaceSelector: {
        matchExpressions: [
          { key: 'istio.io/rev', operator: 'In', values: [value] },
          { key: 'istio-injection', operator: 'DoesNotExist' },
        ],
      },
      objectSelector: { matchExpressions: [notRefused] },
    },
    {
      name: 'rev.object.sidecar-injector.istio.io',
      clientConfig: service(revision),
      namespaceSelector: {
        matchExpressions: [
          { key: 'istio.io/rev', operator: 'DoesNotExist' },
          { key: 'istio-injection', operator: 'DoesNotExist' },
        ],
      },
      objectSelector: {
        matchExpressions: [notRefused, { key: 'istio.io/rev', operator: 'In', values: [value] }],
      },
    },
  ];
}

function byInjection(revision: string) {
  return [
    {
      name: 'namespace.sidecar-injector.istio.io',
      clientConfig: service(revision),
      namespaceSelector: {
        matchExpressions: [{ key: 'istio-injection', operator: 'In', values: ['enabled'] }],
      },
      objectSelector: { matchExpressions: [notRefused] },
    },
  ];
}

export function plane(revision: string, version: string, changes: Partial<ControlPlane> = {}): ControlPlane {
  return {
    revision,
    version,
    deployment: revision === 'default' ? 'istiod' : `istiod-${revision}`,
    rollout: { done: true, desired: 1, updated: 1, available: 1, message: '' },
    service: true,
    injector: `istio-sidecar-injector-${revision}`,
    owner: 'istioctl',
    fingerprint: revision,
    ...changes,
  };
}

export function pod(name: string, revision: string | undefined, changes: Partial<MeshPod> = {}): MeshPod {
  const [namespace = '', own = ''] = name.split('/');
  return {
    namespace,
    name: own,
    owner: { kind: 'Deployment', name: own.replace(/-\d+$/, '') },
    revision,
    version: revision?.replaceAll('-', '.'),
    ready: true,
    terminating: false,
    injectedBy: revision === undefined ? [] : [revision],
    pinnedRevision: undefined,
    accepted: false,
    ...changes,
  };
}

export function installedGateway(
  name: string,
  revision: string,
  changes: Partial<InstalledGateway> = {},
): InstalledGateway {
  const [namespace = '', own = ''] = name.split('/');
  return {
    kind: 'Deployment',
    namespace,
    name: own,
    revision,
    serviceRevision: revision,
    content: 'content',
    ownerLabels: { 'operator.istio.io/managed': 'Reconcile' },
    fingerprint: `${name} ${revision}`,
    accepted: false,
    ...changes,
  };
}

export function shared(changes: Partial<SharedComponent> = {}): SharedComponent {
  return {
    kind: 'cni',
    object: 'DaemonSet kube-system/istio-cni-node',
    version: '1.30.3',
    namespace: 'kube-system',
    name: 'istio-cni-node',
    goesWith: undefined,
    ownerLabels: {},
    fingerprint: 'cni',
    ...changes,
  };
}

export function workload(name: string, changes: Partial<Workload> = {}): Workload {
  const [namespace = '', own = ''] = name.split('/');
  return {
    kind: 'Deployment',
    namespace,
    name: own,
    injectedBy: [],
    rollout: { done: true, desired: 1, updated: 1, available: 1, message: '' },
    onDelete: false,
    paused: false,
    partition: 0,
    accepted: false,
    restartedFor: undefined,
    gateway: undefined,
    servesThroughout: true,
    pinnedRevision: undefined,
    ...changes,
  };
}

/** What a mesh is made of, in short; webhooks decide what namespaces are injected by, as in a cluster. */
export interface MeshSpec {
  /** `istio-system`, unless it is told otherwise. */
  readonly istioNamespace?: string;
  readonly planes: readonly ControlPlane[];
  /** Tag → revision; `default` is the default tag. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Tag → the revision that its Service leads to; one that is not among `tags` has lost its webhook. */
  readonly tagServices?: Readonly<Record<string, string>>;
  readonly keptTags?: Mesh['keptTags'];
  readonly defaultValidator?: string | undefined;
  readonly defaultService?: string | undefined;
  /** Namespace → its labels. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly originals?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Namespace → what of it is not told by its labels. */
  readonly namespaceFacts?: Readonly<Record<string, Partial<MeshNamespace>>>;
  readonly makers?: readonly PodMaker[];
  readonly byHand?: Mesh['byHand'];
  readonly mutators?: Mesh['mutators'];
  readonly workloads?: readonly Workload[];
  readonly pods?: readonly MeshPod[];
  readonly gateways?: readonly string[];
  /** `namespace/name` → what of a Gateway is not told by the rest of the mesh. */
  readonly apiGateways?: Readonly<Record<string, Partial<ApiGateway>>>;
  readonly installedGateways?: readonly InstalledGateway[];
  readonly foreignInjectors?: readonly Injector[];
  readonly shared?: readonly SharedComponent[];
  readonly owned?: readonly OwnedObject[];
}

export function mesh(spec: MeshSpec): Mesh {
  const tags = spec.tags ?? {};
  const injectors = injectorsOf([
    ...spec.planes.map(({ revision }) => revisionWebhook(revision)),
    ...Object.entries(tags).map(([tag, revision]) => tagWebhook(tag, revision)),
  ]);
  const namespaces = Object.entries(spec.namespaces ?? {}).map(([name, labels]): MeshNamespace => {
    return {
      name,
      labels,
      choice: choiceOf(labels),
      injectedBy: injectedBy(injectors, labels),
      originals: spec.originals?.[name],
      unreadableOriginals: undefined,
      foreign: [],
      git: undefined,
      terminating: false,
      ...spec.namespaceFacts?.[name],
    };
  });
  const claiming = {
    planes: spec.planes,
    tags: Object.entries(tags).map(([tag, revision]) => ({
      tag,
      revision,
      webhook: `istio-revision-tag-${tag}`,
      service: spec.tagServices?.[tag],
    })),
    defaultValidator: spec.defaultValidator,
    namespaces,
  };
  return {
    istioNamespace: spec.istioNamespace ?? 'istio-system',
    ...claiming,
    keptTags: spec.keptTags ?? [],
    loneTagServices: Object.entries(spec.tagServices ?? {}).flatMap(([tag, revision]) =>
      tag in tags ? [] : [{ tag, revision }],
    ),
    injectors,
    foreignInjectors: spec.foreignInjectors ?? [],
    installedGateways: spec.installedGateways ?? [],
    makers: spec.makers ?? [],
    defaultInjector: injectedBy(injectors, { 'istio-injection': 'enabled' }),
    defaultService: spec.defaultService,
    workloads: spec.workloads ?? [],
    byHand: spec.byHand ?? [],
    mutators: spec.mutators ?? [],
    pods: spec.pods ?? [],
    gateways: spec.gateways ?? [],
    apiGateways: Object.entries(spec.apiGateways ?? {}).map(([key, facts]): ApiGateway => {
      const [namespace = '', name = ''] = key.split('/');
      return {
        namespace,
        name,
        label: undefined,
        originals: undefined,
        git: undefined,
        terminating: false,
        claimedBy: claimants(claiming, namespace, facts.label),
        handsOn: true,
        deployment: `${name}-istio`,
        writtenBy: undefined,
        ...facts,
      };
    }),
    shared: spec.shared ?? [],
    owned: spec.owned ?? [],
  };
}

export const OLD = { revision: '1-30-3', version: '1.30.3' };
export const NEW = { revision: '1-31-0', version: '1.31.0' };

/** A view of a mesh: an upgrade of everything from OLD to NEW, unless it is told otherwise. */
export function view(spec: MeshSpec, changes: Partial<View> = {}): View {
  return {
    mesh: mesh(spec),
    record: undefined,
    upgrade: {
      attempt: 'x',
      from: OLD,
      to: NEW,
      scope: { namespaces: Object.keys(spec.namespaces ?? {}), tags: [] },
      tags: {},
    },
    before: NOTHING_BEFORE,
    accepted: nobody,
    ...changes,
  };
}
