import type { GatewayObject, WorkloadObject } from '../cluster/objects.ts';
import { type Claiming, claimants } from './gateway-claims.ts';
import { type GitOwner, gitOwnerOf } from './git-owner.ts';
import {
  ANNOTATION_ORIGINAL_LABELS,
  LABEL_GATEWAY_CONTROLLER,
  LABEL_GATEWAY_NAME,
  LABEL_REVISION,
  type Labels,
} from './names.ts';
import { type Originals, parseOriginals } from './originals.ts';
import { discoveryNamespace } from './pod-injection.ts';
import { proxyContainer } from './proxy.ts';
import { labelValue } from './text.ts';

/** A Gateway of the Kubernetes Gateway API for which istiod makes the workload, and rolls it by itself. */
export interface ApiGateway {
  readonly namespace: string;
  readonly name: string;
  /** Its own label `istio.io/rev`. */
  readonly label: string | undefined;
  /** That label as it was before this Action, as its annotation says; undefined without one that can be read. */
  readonly originals: Originals | undefined;
  /** What keeps its label from Git, if anything does. */
  readonly git: GitOwner | undefined;
  readonly terminating: boolean;
  /** The revisions whose istiods make its workload: one in a healthy mesh. */
  readonly claimedBy: readonly string[];
  /** Whether it hands its labels and annotations on to its pods, so that a change of them rolls these. */
  readonly handsOn: boolean;
  /** The Deployment that istiod made for it; undefined where there is none (yet). */
  readonly deployment: string | undefined;
  /** The revision whose istiod wrote that Deployment last. */
  readonly writtenBy: string | undefined;
}

/** The class that every istiod serves. Waypoints, east-west gateways of ambient and remote ones have others. */
const CLASS = 'istio';
const CONTROLLER = 'istio.io-gateway-controller';

/** Whether istiod makes the workload of a Gateway: not where its address names a Service that somebody else has made. */
export function isMadeByIstiod({ spec }: GatewayObject): boolean {
  if (spec.gatewayClassName !== CLASS) return false;
  const { addresses } = spec;
  return (
    addresses === undefined ||
    (Array.isArray(addresses) &&
      addresses.length <= 1 &&
      addresses.every(({ type = 'IPAddress' }) => type === 'IPAddress'))
  );
}

/** Whether something bears the labels of the pods and Deployments that istiod makes for Gateways. */
export function isOfGateway(labels: Labels | undefined): boolean {
  return labels?.[LABEL_GATEWAY_NAME] !== undefined && labels[LABEL_GATEWAY_CONTROLLER] === CONTROLLER;
}

/** A Gateway as far as it is there before workloads are read: its Deployment is added by {@link withDeployments}. */
export function apiGatewayOf({ metadata, spec }: GatewayObject, seen: Claiming): ApiGateway {
  const { namespace = '', name, labels = {}, annotations = {} } = metadata;
  const label = labels[LABEL_REVISION];
  const annotation = annotations[ANNOTATION_ORIGINAL_LABELS];
  return {
    namespace,
    name,
    label,
    originals: annotation === undefined ? undefined : parseOriginals(annotation),
    git: gitOwnerOf(metadata),
    terminating: metadata.deletionTimestamp !== undefined,
    claimedBy: claimants(seen, namespace, label),
    handsOn: spec.infrastructure?.labels === undefined || spec.infrastructure.annotations === undefined,
    deployment: undefined,
    writtenBy: undefined,
  };
}

/** A Deployment that istiod made for a Gateway. */
export interface MadeDeployment {
  readonly namespace: string;
  readonly name: string;
  readonly gateway: string;
  readonly writtenBy: string | undefined;
  /** Namespace of the istiod that its pods ask: whose mesh it is of. */
  readonly istioNamespace: string | undefined;
}

/** Undefined for any other Deployment. */
export function madeDeploymentOf({ metadata, spec }: WorkloadObject): MadeDeployment | undefined {
  const template = spec.template.metadata ?? {};
  const gateway = template.labels?.[LABEL_GATEWAY_NAME];
  if (gateway === undefined || !isOfGateway(template.labels)) return undefined;
  const proxy = proxyContainer(spec.template.spec);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    gateway,
    writtenBy: labelValue(template.annotations?.[LABEL_REVISION]),
    istioNamespace: proxy === undefined ? undefined : discoveryNamespace(proxy),
  };
}

/** Each Gateway with its Deployment; those of another mesh's istiods are left out. */
export function withDeployments(
  gateways: readonly ApiGateway[],
  made: readonly MadeDeployment[],
  istioNamespace: string,
): ApiGateway[] {
  return gateways.flatMap((gateway) => {
    const own = made.find((item) => item.namespace === gateway.namespace && item.gateway === gateway.name);
    if (own === undefined) return [gateway];
    if (own.istioNamespace !== undefined && own.istioNamespace !== istioNamespace) return [];
    return [{ ...gateway, deployment: own.name, writtenBy: own.writtenBy }];
  });
}

/** `Gateway namespace/name`, as findings and reports name it. */
export function nameOfGateway({ namespace, name }: Pick<ApiGateway, 'namespace' | 'name'>): string {
  return `Gateway ${namespace}/${name}`;
}
