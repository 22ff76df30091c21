import type { Service, WebhookConfiguration, WorkloadObject } from '../cluster/objects.ts';
import { servesThroughout } from './gateway.ts';
import { gitToolOf } from './git-owner.ts';
import type { ControlPlane, Owner } from './mesh.ts';
import {
  LABEL_MANAGED,
  LABEL_OWNING_NAMESPACE,
  LABEL_REVISION,
  LABEL_TAG,
  LABEL_VERSION,
  UNREVISIONED,
} from './names.ts';
import { versionOfPlane } from './plane-version.ts';
import { rolloutOf } from './rollout.ts';

/** An istiod, by the label that its chart gives it. */
export function isControlPlane({ metadata }: WorkloadObject): boolean {
  return metadata.labels?.app === 'istiod';
}

/** The lists in which the parts of a control plane are found. */
interface PlaneObjects {
  readonly istioNamespace: string;
  readonly systemServices: readonly Service[];
  readonly mutating: readonly WebhookConfiguration[];
}

/** A control plane, from its Deployment, Service and injector. */
export function planeOf(deployment: WorkloadObject, objects: PlaneObjects): ControlPlane {
  const revision = deployment.metadata.labels?.[LABEL_REVISION] ?? UNREVISIONED;
  const madeIn = deployment.metadata.labels?.[LABEL_OWNING_NAMESPACE];
  const service = objects.systemServices.find(({ metadata }) => metadata.name === deployment.metadata.name);
  const injector = objects.mutating.find(
    ({ metadata, webhooks }) =>
      (metadata.labels?.[LABEL_REVISION] ?? UNREVISIONED) === revision &&
      metadata.labels?.[LABEL_TAG] === undefined &&
      metadata.name.startsWith('istio-sidecar-injector') &&
      (webhooks ?? []).every(
        ({ clientConfig }) => clientConfig.service?.namespace === objects.istioNamespace,
      ),
  );
  const image = deployment.spec.template.spec.containers.find(({ name }) => name === 'discovery')?.image;
  const told = versionOfPlane({
    image,
    label: deployment.metadata.labels?.[LABEL_VERSION] ?? deployment.metadata.annotations?.[LABEL_VERSION],
  });
  return {
    revision,
    version: told?.version,
    versionFrom: told?.source,
    deployment: deployment.metadata.name,
    rollout: rolloutOf('Deployment', deployment),
    service: service !== undefined,
    injector: injector?.metadata.name,
    owner: ownerOf(deployment),
    ...(madeIn === undefined ? {} : { madeIn }),
    ...(servesThroughout('Deployment', deployment) ? {} : { stopsToRoll: true }),
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
  if (gitToolOf(metadata) !== undefined) return 'gitops';
  if (ownerReferences.some(({ apiVersion }) => apiVersion.includes('sailoperator.io'))) return 'operator';
  if (labels[LABEL_MANAGED] !== undefined) return 'istioctl';
  if (annotations['meta.helm.sh/release-name'] !== undefined) return 'helm';
  return 'unknown';
}
