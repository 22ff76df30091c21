import type { ClusterObject } from '../support/normalise.ts';
import type { Api, ApiAnswer } from './api.ts';
import type { Ref } from './scenario.ts';

const RBAC = 'apis/rbac.authorization.k8s.io/v1';

/** Kinds that scenarios name: where their objects are. */
const KINDS: Readonly<
  Record<string, { readonly group: string; readonly plural: string; readonly namespaced: boolean }>
> = {
  Namespace: { group: 'api/v1', plural: 'namespaces', namespaced: false },
  Pod: { group: 'api/v1', plural: 'pods', namespaced: true },
  Service: { group: 'api/v1', plural: 'services', namespaced: true },
  ConfigMap: { group: 'api/v1', plural: 'configmaps', namespaced: true },
  Deployment: { group: 'apis/apps/v1', plural: 'deployments', namespaced: true },
  StatefulSet: { group: 'apis/apps/v1', plural: 'statefulsets', namespaced: true },
  DaemonSet: { group: 'apis/apps/v1', plural: 'daemonsets', namespaced: true },
  ReplicaSet: { group: 'apis/apps/v1', plural: 'replicasets', namespaced: true },
  Job: { group: 'apis/batch/v1', plural: 'jobs', namespaced: true },
  CronJob: { group: 'apis/batch/v1', plural: 'cronjobs', namespaced: true },
  ResourceQuota: { group: 'api/v1', plural: 'resourcequotas', namespaced: true },
  PersistentVolumeClaim: { group: 'api/v1', plural: 'persistentvolumeclaims', namespaced: true },
  Lease: { group: 'apis/coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  ClusterRole: { group: RBAC, plural: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { group: RBAC, plural: 'clusterrolebindings', namespaced: false },
  Role: { group: RBAC, plural: 'roles', namespaced: true },
  RoleBinding: { group: RBAC, plural: 'rolebindings', namespaced: true },
  Gateway: { group: 'apis/gateway.networking.k8s.io/v1', plural: 'gateways', namespaced: true },
  CustomResourceDefinition: {
    group: 'apis/apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  LaterPolicy: { group: 'apis/later.istio.io/v1alpha1', plural: 'laterpolicies', namespaced: true },
  ProxyConfig: { group: 'apis/networking.istio.io/v1beta1', plural: 'proxyconfigs', namespaced: true },
  PodDisruptionBudget: { group: 'apis/policy/v1', plural: 'poddisruptionbudgets', namespaced: true },
  NetworkPolicy: { group: 'apis/networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  HorizontalPodAutoscaler: {
    group: 'apis/autoscaling/v2',
    plural: 'horizontalpodautoscalers',
    namespaced: true,
  },
  AuthorizationPolicy: {
    group: 'apis/security.istio.io/v1',
    plural: 'authorizationpolicies',
    namespaced: true,
  },
  EnvoyFilter: { group: 'apis/networking.istio.io/v1alpha3', plural: 'envoyfilters', namespaced: true },
  VirtualService: { group: 'apis/networking.istio.io/v1', plural: 'virtualservices', namespaced: true },
  MutatingWebhookConfiguration: {
    group: 'apis/admissionregistration.k8s.io/v1',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  ValidatingAdmissionPolicy: {
    group: 'apis/admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  ValidatingAdmissionPolicyBinding: {
    group: 'apis/admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  ValidatingWebhookConfiguration: {
    group: 'apis/admissionregistration.k8s.io/v1',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
};

function kindOf(kind: string) {
  const known = KINDS[kind];
  if (known === undefined) throw new Error(`scenarios do not know where a ${kind} is: add it to KINDS`);
  return known;
}

/** Where the objects of a kind are, in all namespaces. */
export function pathOfKind(kind: string): string {
  const { group, plural } = kindOf(kind);
  return `/${group}/${plural}`;
}

/** Where objects of a kind are created. */
function pathOfParent(kind: string, namespace: string | undefined): string {
  const { group, plural, namespaced } = kindOf(kind);
  return namespaced ? `/${group}/namespaces/${namespace ?? ''}/${plural}` : `/${group}/${plural}`;
}

/** Where an object is that is named as findings do: `Kind namespace/name` or `Kind name`. */
export function pathOf(ref: Ref): string {
  const [kind = '', full = ''] = ref.split(' ');
  const [namespace, name = full] = full.includes('/') ? full.split('/') : [undefined, full];
  return `${pathOfParent(kind, namespace)}/${name}`;
}

/** Objects of a cluster, read and written through its API alone. */
export class Objects {
  readonly api: Api;
  constructor(api: Api) {
    this.api = api;
  }

  /** @throws where the server does not say yes */
  async #ask(...[request]: Parameters<Api>): Promise<unknown> {
    const { status, body } = await this.api(request);
    if (status >= 200 && status < 300) return body;
    throw new Error(`${request.method} ${request.path}: ${String(status)} ${messageOf({ status, body })}`);
  }

  /** Undefined where there is none. */
  async get(ref: Ref): Promise<ClusterObject | undefined> {
    const path = pathOf(ref);
    const { status, body } = await this.api({ method: 'GET', path });
    if (status === 404) return undefined;
    if (status === 200) return body as ClusterObject;
    throw new Error(`GET ${path}: ${String(status)} ${messageOf({ status, body })}`);
  }

  async list(kind: string): Promise<ClusterObject[]> {
    return ((await this.#ask({ method: 'GET', path: pathOfKind(kind) })) as { items: ClusterObject[] }).items;
  }

  async create(object: ClusterObject): Promise<void> {
    await this.#ask({
      method: 'POST',
      path: pathOfParent(object.kind, object.metadata.namespace),
      body: object,
    });
  }

  /** What the server would make of it, injected and defaulted; its refusal is an answer, too. */
  rehearse(object: ClusterObject): Promise<ApiAnswer> {
    const path = `${pathOfParent(object.kind, object.metadata.namespace)}?dryRun=All`;
    return this.api({ method: 'POST', path, body: object });
  }

  /** A merge patch. */
  async patch(ref: Ref, patch: object): Promise<void> {
    await this.#ask({
      method: 'PATCH',
      path: pathOf(ref),
      body: patch,
      type: 'application/merge-patch+json',
    });
  }

  /** One that is not there is fine. */
  async remove(ref: Ref): Promise<void> {
    const path = pathOf(ref);
    const { status, body } = await this.api({ method: 'DELETE', path });
    if (status !== 404 && (status < 200 || status >= 300))
      throw new Error(`DELETE ${path}: ${String(status)} ${messageOf({ status, body })}`);
  }
}

/** What the server says in its Status. */
export function messageOf({ body }: ApiAnswer): string {
  const { message } = body as { message?: string };
  return message ?? '';
}
