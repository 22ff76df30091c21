import type { PodSpec, WorkloadObject } from '../cluster/objects.ts';
import type { WorkloadKind } from './mesh.ts';
import {
  LABEL_COMPONENT,
  LABEL_GATEWAY_CONTROLLER,
  LABEL_GATEWAY_NAME,
  LABEL_MANAGED,
  type Labels,
} from './names.ts';
import { templatesAsked } from './injection-templates.ts';
import { proxyContainer } from './proxy.ts';

/**
 * How the pods of a gateway come about, and so how it moves.
 *
 * - `installed`: istioctl has rendered it whole, with a proxy of its own version, and installed it
 * - `applied`: rendered whole as well, by Helm or `manifest generate`, and applied by something else, which owns it (T20)
 * - `injected`: an injector puts the proxy into its pods, as it does for a sidecar (`inject.istio.io/templates: gateway`)
 * - `gateway-api`: istiod makes the workload of a Gateway of the Kubernetes Gateway API, and rolls it by itself
 */
export type GatewayKind = 'installed' | 'applied' | 'injected' | 'gateway-api';

/** What istioctl and Istio's charts call the components that are gateways. */
export const GATEWAY_COMPONENTS = ['IngressGateways', 'EgressGateways'];

export function isGatewayComponent(component: unknown): boolean {
  return GATEWAY_COMPONENTS.some((name) => name === component);
}

/** The kind of gateway that a workload is; undefined for any other workload. */
export function gatewayKindOf({ metadata, spec }: WorkloadObject): GatewayKind | undefined {
  const { labels = {}, annotations = {} } = spec.template.metadata ?? {};
  if (isGatewayComponent(metadata.labels?.[LABEL_COMPONENT]))
    return metadata.labels?.[LABEL_MANAGED] === undefined ? 'applied' : 'installed';
  if (labels[LABEL_GATEWAY_NAME] !== undefined && isOfIstio(labels, spec.template.spec)) return 'gateway-api';
  return templatesAsked(annotations).includes('gateway') ? 'injected' : undefined;
}

/**
 * Whether what bears the Gateway API's own label is Istio's: every implementation gives it to its pods. Istio's controllers
 * add a label of theirs, those of older releases none.
 */
function isOfIstio(labels: Labels, spec: PodSpec): boolean {
  return labels[LABEL_GATEWAY_CONTROLLER] !== undefined || proxyContainer(spec) !== undefined;
}

/**
 * Whether a restart leaves a pod serving at every moment, by the rules of the controllers: a Deployment counts
 * `maxUnavailable` down (25 % where it says nothing); what would neither add nor take a pod takes one.
 */
export function servesThroughout(kind: WorkloadKind, { spec, status }: WorkloadObject): boolean {
  if (kind === 'Deployment') {
    const desired = spec.replicas ?? 1;
    if (spec.strategy?.type === 'Recreate') return desired === 0;
    const { maxUnavailable = '25%', maxSurge = '25%' } = spec.strategy?.rollingUpdate ?? {};
    const less = countOf(maxUnavailable, desired, Math.floor);
    const more = countOf(maxSurge, desired, Math.ceil);
    return desired === 0 || (more === 0 ? Math.max(less, 1) : less) < desired;
  }
  const desired = kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const { maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {};
  return desired === 0 || Math.max(countOf(maxUnavailable, desired, Math.ceil), 1) < desired;
}

function countOf(value: number | string, of: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d{1,3})%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * of) / 100);
}
