import type { PodSpec, WorkloadObject } from '../cluster/objects.ts';
import { isOfGateway } from './api-gateway.ts';
import { gatewayKindOf, servesThroughout } from './gateway.ts';
import { templatesAsked } from './injection-templates.ts';
import type { Frame, Workload, WorkloadKind } from './mesh.ts';
import { ANNOTATION_PROXY_IMAGE, ANNOTATION_RESTARTED_FOR, ANNOTATION_VARIANT } from './names.ts';
import { discoveryNamespace, pinnedRevision, podInjectedBy } from './pod-injection.ts';
import { proxyContainer } from './proxy.ts';
import { rolloutOf } from './rollout.ts';
import { type Accepted, nobody } from './stragglers.ts';
import { templateOwnerOf } from './template-owner.ts';

/** A workload that is injected, or that is a gateway; undefined for one that has nothing to do with the mesh. */
export function workloadOf(
  kind: WorkloadKind,
  object: WorkloadObject,
  frame: Frame,
  accepted: Accepted = nobody,
): Workload | undefined {
  const { metadata, spec } = object;
  const { namespace = '', name } = metadata;
  const template = spec.template.metadata ?? {};
  const injected = podInjectedBy(frame, { ...template, namespace });
  const gateway = gatewayKindOf(object);
  const isInjected = injected.length > 0 && spec.template.spec.hostNetwork !== true;
  if (!isInjected && (gateway === undefined || gateway === 'injected')) return undefined;
  if ((gateway === 'applied' || gateway === 'gateway-api') && isElsewhere(spec.template.spec, frame))
    return undefined;
  const variant = template.annotations?.[ANNOTATION_VARIANT];
  const image = template.annotations?.[ANNOTATION_PROXY_IMAGE];
  const templates = templatesAsked(template.annotations);
  const pinned = pinnedRevision(frame, { ...template, namespace });
  return {
    kind,
    namespace,
    name,
    injectedBy: injected,
    rollout: rolloutOf(kind, object),
    onDelete: spec.updateStrategy?.type === 'OnDelete',
    paused: spec.paused === true,
    partition: kind === 'StatefulSet' ? (spec.updateStrategy?.rollingUpdate?.partition ?? 0) : 0,
    restartedFor: template.annotations?.[ANNOTATION_RESTARTED_FOR],
    gateway,
    servesThroughout: servesThroughout(kind, object),
    pinnedRevision: pinned,
    ...(metadata.creationTimestamp === undefined ? {} : { createdAt: metadata.creationTimestamp }),
    ...(image === undefined ? {} : { proxyImage: image }),
    ...(variant === undefined ? {} : { proxyVariant: variant }),
    ...(templates.length === 0 ? {} : { templates }),
    ...(pinned === undefined ? {} : { keptBy: templateOwnerOf(metadata) }),
    accepted: accepted({ kind, namespace, name, labels: template.labels, gateway }),
    ...(isOfGateway(template.labels) ? { ofGateway: true } : {}),
  };
}

/** Whether a template brings a proxy that asks the istiod of another mesh (M03). */
function isElsewhere(spec: PodSpec, { istioNamespace }: Frame): boolean {
  const proxy = proxyContainer(spec);
  const place = proxy === undefined ? undefined : discoveryNamespace(proxy);
  return place !== undefined && place !== istioNamespace;
}
