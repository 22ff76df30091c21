import { injectedBy } from './injection.ts';
import { type Frame, type Mesh, type MeshNamespace, type MeshPod, type Workload, nameOf } from './mesh.ts';
import { ANNOTATION_ORIGINAL_LABELS, LABEL_INJECTION, LABEL_REVISION } from './names.ts';
import { CHOICE_LABELS, type Originals } from './originals.ts';

/** Namespaces that choose a control plane by label. */
export function meshNamespaces(mesh: Frame): MeshNamespace[] {
  return mesh.namespaces.filter(({ choice }) => choice !== 'none');
}

/** Of the named namespaces, those whose next pods would not come from the target. */
export function namespacesToMove(mesh: Frame, names: readonly string[], target: string): MeshNamespace[] {
  return meshNamespaces(mesh).filter(
    (namespace) => names.includes(namespace.name) && !isOnly(namespace.injectedBy, target),
  );
}

/**
 * The patch that moves a namespace to a revision. One patch for all of it: `istio-injection` wins while both labels
 * are there (H15), and the labels as they were must not be lost between two writes (promise 3).
 */
export function movePatch(
  { labels, originals }: Pick<MeshNamespace, 'labels' | 'originals'>,
  target: string,
): object {
  return {
    metadata: {
      labels: { [LABEL_INJECTION]: null, [LABEL_REVISION]: target },
      annotations: { [ANNOTATION_ORIGINAL_LABELS]: JSON.stringify(originals ?? choiceOf(labels)) },
    },
  };
}

function choiceOf(labels: Readonly<Record<string, string>>): Originals {
  return Object.fromEntries(CHOICE_LABELS.map((label) => [label, labels[label] ?? null]));
}

/** The patch that puts the labels back as they were; the annotation goes with it. */
export function restorePatch(originals: Originals): object {
  return { metadata: { labels: originals, annotations: { [ANNOTATION_ORIGINAL_LABELS]: null } } };
}

/** The patch that forgets the labels as they were: when there is nothing left to go back to. */
export function forgetPatch(): object {
  return { metadata: { annotations: { [ANNOTATION_ORIGINAL_LABELS]: null } } };
}

/** A namespace whose labels this Action changed. */
export interface MovedNamespace extends MeshNamespace {
  readonly originals: Originals;
}

/** Namespaces whose labels this Action changed, and has not put back. */
export function movedNamespaces(mesh: Frame): MovedNamespace[] {
  return mesh.namespaces.flatMap((namespace) =>
    namespace.originals === undefined ? [] : [{ ...namespace, originals: namespace.originals }],
  );
}

/**
 * Moved namespaces whose own labels choose the target by now, so that Git and cluster may agree again: those that
 * follow the default tag, once it has moved.
 */
export function restorableNamespaces(mesh: Frame, target: string): MovedNamespace[] {
  return movedNamespaces(mesh).filter((namespace) =>
    isOnly(injectedBy(mesh.injectors, withLabels(namespace.labels, namespace.originals)), target),
  );
}

function withLabels(
  labels: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = { ...labels, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

export function isOnly(revisions: readonly string[], revision: string): boolean {
  return revisions.length === 1 && revisions[0] === revision;
}

function ownerKey(pod: MeshPod): string {
  return pod.owner === undefined ? '' : nameOf({ ...pod.owner, namespace: pod.namespace });
}

/**
 * What has to be restarted so that the chosen pods go, and what can't be: decided from what pods show, never from
 * what was done before (promise 2). Pods that are going already are left alone.
 *
 * @param behind which pods have to be replaced
 */
export function toReplace(
  mesh: Mesh,
  behind: (pod: MeshPod) => boolean,
): { readonly workloads: readonly Workload[]; readonly stragglers: readonly MeshPod[] } {
  const byKey = new Map(mesh.workloads.map((workload) => [nameOf(workload), workload]));
  const workloads = new Set<Workload>();
  const stragglers: MeshPod[] = [];
  for (const pod of mesh.pods) {
    if (pod.terminating || !behind(pod)) continue;
    const workload = byKey.get(ownerKey(pod));
    if (workload === undefined || stuckBecause(workload) !== undefined) stragglers.push(pod);
    else workloads.add(workload);
  }
  return { workloads: [...workloads], stragglers };
}

/** Why a restart would not replace a workload's pods; undefined when it would. */
export function stuckBecause(workload: Workload): string | undefined {
  if (workload.onDelete) return 'its update strategy is OnDelete';
  if (workload.paused) return 'its rollout is paused';
  return undefined;
}

/** Whether a pod has to move for its mesh to be on the target: a proxy is due, and it is not the target's. */
export function isBehind(target: { readonly revision: string }): (pod: MeshPod) => boolean {
  return (pod) =>
    pod.revision !== target.revision && (pod.revision !== undefined || pod.injectedBy.length > 0);
}

/** Whether a pod's proxy is on a revision. */
export function isOn(revision: string): (pod: MeshPod) => boolean {
  return (pod) => pod.revision === revision;
}

/**
 * The annotation that restarts a workload, by changing its template.
 *
 * @returns undefined while the restart that was asked for is still under way: asking twice would restart twice. When
 * it has ended and pods are still behind (they were born before a webhook's change had reached every API server),
 * the value gets a counter.
 */
export function restartValue(
  current: string | undefined,
  wanted: string,
  rolloutDone: boolean,
): string | undefined {
  if (current === undefined || (current !== wanted && !current.startsWith(`${wanted}.`))) return wanted;
  if (!rolloutDone) return undefined;
  // Somebody else may have written the annotation: what is no counter counts as the first.
  const [, count = '1'] = /^\.(\d{1,6})$/.exec(current.slice(wanted.length)) ?? [];
  return `${wanted}.${String(Number(count) + 1)}`;
}
