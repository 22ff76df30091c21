import type { Metadata } from '../cluster/objects.ts';
import { CHOICE_LABELS } from './originals.ts';

/** Who puts labels back from Git. */
export interface GitOwner {
  readonly tool: string;
  /** Those of the labels by which an object chooses its control plane that it keeps. */
  readonly labels: readonly string[];
}

/** Field managers of the tools that bring a cluster in line with Git, by the beginning of their names. */
const MANAGERS: readonly (readonly [RegExp, string])[] = [
  [/^argocd|^argo-cd/, 'Argo CD'],
  [/^(kustomize|helm)-controller|^flux/, 'Flux'],
];

/**
 * The tool whose mark of tracking an object bears. Argo CD marks by annotation, by a label of its own, or, which was its
 * default until version 3, by `app.kubernetes.io/instance`: that label is Helm's, too, which says so beside it (M28).
 */
export function gitToolOf({ labels = {}, annotations = {} }: Metadata): string | undefined {
  if (annotations['argocd.argoproj.io/tracking-id'] !== undefined) return 'Argo CD';
  if (labels['argocd.argoproj.io/instance'] !== undefined) return 'Argo CD';
  if (labels['kustomize.toolkit.fluxcd.io/name'] !== undefined) return 'Flux';
  if (labels['helm.toolkit.fluxcd.io/name'] !== undefined) return 'Flux';
  const helm =
    labels['app.kubernetes.io/managed-by'] === 'Helm' ||
    annotations['meta.helm.sh/release-name'] !== undefined;
  return labels['app.kubernetes.io/instance'] !== undefined &&
    !helm &&
    labels['operator.istio.io/managed'] === undefined
    ? 'Argo CD'
    : undefined;
}

/**
 * Who keeps the labels by which a namespace chooses its control plane from Git, and which of them. The API server's own
 * account of who set a field is the best there is; where the tool has no entry in it, its mark counts for all of them.
 */
export function gitOwnerOf(metadata: Metadata): GitOwner | undefined {
  const there = CHOICE_LABELS.filter((label) => metadata.labels?.[label] !== undefined);
  const managed = (metadata.managedFields ?? []).flatMap(({ manager = '', fieldsV1 }) => {
    const tool = MANAGERS.find(([pattern]) => pattern.test(manager))?.[1];
    return tool === undefined ? [] : [{ tool, fields: labelsIn(fieldsV1) }];
  });
  const [first] = managed;
  if (first !== undefined) {
    const kept = there.filter((label) => managed.some(({ fields }) => fields.includes(label)));
    return kept.length === 0 ? undefined : { tool: first.tool, labels: kept };
  }
  const tool = gitToolOf(metadata);
  return tool === undefined || there.length === 0 ? undefined : { tool, labels: there };
}

/** The labels among the fields of a manager (`fieldsV1`: `{"f:metadata":{"f:labels":{"f:NAME":{}}}}`). */
function labelsIn(fields: unknown): string[] {
  const of = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  const labels = of(of(fields, 'f:metadata'), 'f:labels');
  return typeof labels === 'object' && labels !== null
    ? Object.keys(labels).map((name) => name.replace(/^f:/, ''))
    : [];
}
