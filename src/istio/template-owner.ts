import type { Metadata } from '../cluster/objects.ts';
import { gitToolOf } from './git-owner.ts';
import { nameOf } from './mesh.ts';
import { LABEL_REVISION } from './names.ts';

/** Who keeps the template of a workload, as far as its own marks tell. */
export interface TemplateOwner {
  /** A release of Helm's; undefined where its chart was rendered by something else, or there is none. */
  readonly release: { readonly name: string; readonly namespace: string } | undefined;
  /** `Argo CD` or `Flux`, which bring the cluster in line with Git. */
  readonly git: string | undefined;
  /** Of Istio's chart for gateways, which has the revision as a value of its own. */
  readonly gatewayChart: boolean;
}

/** What Helm and Kubernetes take as names. */
const IS_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** By the marks that Helm, Argo CD and Flux leave on what they apply (helm.sh, "Labels and annotations"). */
export function templateOwnerOf(metadata: Metadata): TemplateOwner {
  const { labels = {}, annotations = {}, namespace = '' } = metadata;
  const release = {
    name: annotations['meta.helm.sh/release-name'] ?? '',
    namespace: annotations['meta.helm.sh/release-namespace'] ?? namespace,
  };
  return {
    // They become part of a command that people copy, and whoever may annotate can write anything there.
    release: IS_NAME.test(release.name) && IS_NAME.test(release.namespace) ? release : undefined,
    git: gitToolOf(metadata),
    gatewayChart: /^gateway-\d/.test(labels['helm.sh/chart'] ?? ''),
  };
}

/** A workload, as a command names it. */
export interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * The one value that is to be changed so that a template chooses another revision, where it is kept. This Action never
 * patches it: its owner would put it back, or find it changed (issue 13).
 */
export function valueToChange(
  item: Named,
  { release, git, gatewayChart }: TemplateOwner,
  revision: string,
): string {
  const { kind, namespace, name } = item;
  if (git !== undefined) {
    const value = gatewayChart
      ? `the value revision of its chart to ${revision}`
      : `the label ${LABEL_REVISION} of its pod template to ${revision}`;
    return `${git} keeps ${nameOf(item)}: set ${value} in Git${release === undefined ? '' : ` (Helm release ${release.namespace}/${release.name})`}`;
  }
  if (release !== undefined) {
    const chart = gatewayChart ? 'istio/gateway' : 'CHART';
    return gatewayChart
      ? `helm upgrade ${release.name} ${chart} -n ${release.namespace} --reuse-values --set revision=${revision}`
      : `Helm release ${release.namespace}/${release.name} keeps ${nameOf(item)}: set the label ${LABEL_REVISION} of its pod template to ${revision} in the values of its chart`;
  }
  return `Change the label ${LABEL_REVISION} of its template to ${revision}: kubectl edit ${kind.toLowerCase()} ${name} -n ${namespace}`;
}
