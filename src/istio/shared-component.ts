import type { WorkloadObject } from '../cluster/objects.ts';
import { LABEL_COMPONENT, LABEL_MANAGED, LABEL_REVISION, type Labels } from './names.ts';
import { ownerLabelsOf } from './owner-labels.ts';
import { imageVersion } from './proxy.ts';

/** A DaemonSet that all revisions share, in whatever namespace (M30): it has no revision, and is never removed with one. */
export interface SharedComponent {
  readonly kind: 'cni' | 'ztunnel';
  /** `DaemonSet namespace/name`. */
  readonly object: string;
  readonly namespace: string;
  readonly name: string;
  /** Of its image; undefined where that does not tell. */
  readonly version: string | undefined;
  /** The revision with which istioctl's uninstall would take it (H54, T04); undefined for one that it did not install. */
  readonly goesWith: string | undefined;
  /** Labels by which istioctl knows its own, and which it does not render but adds. */
  readonly ownerLabels: Labels;
  /** Changes when the object or its template changes. */
  readonly fingerprint: string;
}

/** Istio's CNI node agent or ztunnel; undefined for any other DaemonSet. */
export function sharedComponentOf({ metadata, spec }: WorkloadObject): SharedComponent | undefined {
  const { name, namespace = '', labels = {}, uid = '' } = metadata;
  const component = labels[LABEL_COMPONENT] ?? '';
  const kind =
    name.startsWith('ztunnel') || component === 'Ztunnel'
      ? 'ztunnel'
      : name.startsWith('istio-cni-node') || component === 'Cni' || labels['k8s-app'] === 'istio-cni-node'
        ? 'cni'
        : undefined;
  if (kind === undefined) return undefined;
  const isOfIstioctl = labels[LABEL_MANAGED] !== undefined && component !== '';
  return {
    kind,
    object: `DaemonSet ${namespace}/${name}`,
    namespace,
    name,
    version: imageVersion(spec.template.spec.containers[0]?.image),
    goesWith: isOfIstioctl ? labels[LABEL_REVISION] : undefined,
    ownerLabels: ownerLabelsOf(labels),
    fingerprint: JSON.stringify([uid, spec.template]),
  };
}

/** The CNI node agents that a revision's uninstall would take: there is one in a healthy mesh. */
export function agentsOf(shared: readonly SharedComponent[], revision: string): SharedComponent[] {
  return shared.filter(({ kind, goesWith }) => kind === 'cni' && goesWith === revision);
}
