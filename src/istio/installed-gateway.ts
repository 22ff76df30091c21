import type { KubernetesObject, WorkloadObject } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { contentOf } from './content.ts';
import { GATEWAY_COMPONENTS, gatewayKindOf } from './gateway.ts';
import { type Mesh, nameOf } from './mesh.ts';
import { LABEL_COMPONENT, LABEL_OWNING_NAMESPACE, LABEL_REVISION, type Labels } from './names.ts';
import { type NamedObject, nameOfObject } from './own-objects.ts';
import { ownerLabelsOf } from './owner-labels.ts';
import type { Accepted } from './stragglers.ts';

/**
 * A gateway that istioctl has rendered whole. It has no revision in its name, so that all revisions share the one there
 * is, and belongs to the revision that its labels name: the uninstall of that one takes it (H22, H23, T17).
 */
export interface InstalledGateway {
  readonly kind: 'Deployment';
  readonly namespace: string;
  readonly name: string;
  /** Of its Deployment, which is written last. */
  readonly revision: string | undefined;
  /** Of its Service, which is written first; undefined where there is none of its name. */
  readonly serviceRevision: string | undefined;
  /** Digest of what its containers run; see `contentOf`. */
  readonly content: string | undefined;
  /** Labels by which istioctl knows its own, and which it does not render but adds. */
  readonly ownerLabels: Labels;
  /** Changes when the object or its template changes. */
  readonly fingerprint: string;
  /** Named by the input `allow-stragglers`: it may stay where it is. */
  readonly accepted: boolean;
}

/** Label selector of what istioctl installs as a gateway's. */
export const OF_GATEWAYS = `${LABEL_COMPONENT} in (${GATEWAY_COMPONENTS.join(', ')})`;

/**
 * @param services those of gateways, in all namespaces
 * @returns undefined for any other Deployment, and for a gateway that was installed for another Istio namespace
 */
export function installedGatewayOf(
  object: WorkloadObject,
  istioNamespace: string,
  services: readonly KubernetesObject[],
  accepted: Accepted,
): InstalledGateway | undefined {
  const { name, namespace = '', uid = '', labels = {} } = object.metadata;
  if (gatewayKindOf(object) !== 'installed') return undefined;
  if ((labels[LABEL_OWNING_NAMESPACE] ?? istioNamespace) !== istioNamespace) return undefined;
  const service = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return {
    kind: 'Deployment',
    namespace,
    name,
    revision: labels[LABEL_REVISION],
    serviceRevision: service?.metadata.labels?.[LABEL_REVISION],
    content: contentOf({ ...object, kind: 'Deployment' }),
    ownerLabels: ownerLabelsOf(labels),
    fingerprint: JSON.stringify([namespace, name, uid, object.spec.template]),
    accepted: accepted({
      kind: 'Deployment',
      namespace,
      name,
      labels: object.spec.template.metadata?.labels,
      gateway: 'installed',
    }),
  };
}

/**
 * What an installation of the target would delete: `istioctl install` prunes what it has installed itself for that revision
 * and does not render now (seen with 1.30.3), and once moved the gateways are the target's.
 *
 * @param rendered what would be installed: without any gateway, but with `gateways: with-install`
 */
export function prunedWith(
  mesh: Pick<Mesh, 'installedGateways'>,
  revision: string,
  rendered: readonly NamedObject[] = [],
): Finding[] {
  const made = new Set(rendered.map(nameOfObject));
  return gatewaysOf(mesh, revision)
    .filter((gateway) => !made.has(nameOf(gateway)))
    .map((gateway) => ({
      id: 'gateway-would-be-pruned',
      severity: 'error',
      object: nameOf(gateway),
      message: `it is of ${revision} by now, and installing ${revision} anew without it would delete it`,
      remedy: `Run rollback first, then canary with the changed configuration. Or give gateways: with-install, and the config and set that have it: then it is upgraded along with the control plane.`,
    }));
}

/**
 * Gateways that a revision's uninstall would take, as they are its own wholly or in part: a run that stopped between
 * Service and Deployment leaves one that belongs to both revisions.
 */
export function gatewaysOf(
  { installedGateways }: Pick<Mesh, 'installedGateways'>,
  revision: string,
): InstalledGateway[] {
  return installedGateways.filter(
    (gateway) => gateway.revision === revision || gateway.serviceRevision === revision,
  );
}

/** Of these, those that have to leave the revision: what may stay behind is not touched. */
export function gatewaysToLeave(mesh: Pick<Mesh, 'installedGateways'>, revision: string): InstalledGateway[] {
  return gatewaysOf(mesh, revision).filter(({ accepted }) => !accepted);
}

/** Of these, those that nothing moves: their revision can't be removed. */
export function gatewaysToStay(mesh: Pick<Mesh, 'installedGateways'>, revision: string): InstalledGateway[] {
  return gatewaysOf(mesh, revision).filter(({ accepted }) => accepted);
}

/**
 * Those that an installation gives the proxy of its own release. One whose proxy an injector puts in
 * (`injectionTemplate`; istio.io, "Installing Gateways") has the same template of every release (seen of 1.30.3 and 1.31.0):
 * no installation rolls it, and a restart does.
 */
export function renderedWhole({
  installedGateways,
  workloads,
}: Pick<Mesh, 'installedGateways' | 'workloads'>): InstalledGateway[] {
  const injected = new Set(workloads.filter(({ injectedBy }) => injectedBy.length > 0).map(nameOf));
  return installedGateways.filter((gateway) => !injected.has(nameOf(gateway)));
}
