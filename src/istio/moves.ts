import type { Before } from './before.ts';
import { leavingNamespaces } from './lasting.ts';
import { type Mesh, type MeshNamespace, type MeshPod, type Workload, nameOf } from './mesh.ts';
import { ANNOTATION_ADOPTED, ANNOTATION_ORIGINAL_LABELS, LABEL_INJECTION, LABEL_REVISION } from './names.ts';
import { CHOICE_LABELS, type Originals } from './originals.ts';
import { isHealthy } from './rollout.ts';
import { type MovedNamespace, isMoved, isOnly, meshNamespaces } from './scope.ts';
import { type Sides, isInPlace, onSide } from './side.ts';

/** Of the named namespaces, those whose next pods would not come from the target. */
export function namespacesToMove(
  mesh: Pick<Mesh, 'namespaces' | 'injectors'>,
  names: readonly string[],
  target: string,
): MeshNamespace[] {
  return meshNamespaces(mesh).filter(
    (namespace) => names.includes(namespace.name) && !isOnly(namespace.injectedBy, target),
  );
}

/**
 * The patch that moves a namespace to a revision. One patch for all of it: `istio-injection` wins while both labels
 * are there (H15), and the labels as they were must not be lost between two writes (promise 3). An annotation that does
 * not fit the labels is stale: the labels are what is there to go back to (M37).
 */
export function movePatch(namespace: MeshNamespace, target: string): object {
  const before = isMoved(namespace, target) ? namespace.originals : originalsOf(namespace, target);
  return {
    metadata: {
      labels: { [LABEL_INJECTION]: null, [LABEL_REVISION]: target },
      annotations: { [ANNOTATION_ORIGINAL_LABELS]: JSON.stringify(before), ...noAdoption(namespace) },
    },
  };
}

/** Somebody who applies a namespace again puts `istio-injection` back beside the revision of ours, which was never theirs. */
function originalsOf({ originals, labels }: MeshNamespace, target: string): Originals {
  const now = labelsOf(labels);
  const isOurs = originals !== undefined && labels[LABEL_REVISION] === target;
  return isOurs ? { ...now, [LABEL_REVISION]: originals[LABEL_REVISION] ?? null } : now;
}

function labelsOf(labels: Readonly<Record<string, string>>): Originals {
  return Object.fromEntries(CHOICE_LABELS.map((label) => [label, labels[label] ?? null]));
}

/** The patch that puts the labels back as they were; the annotations go with it. */
export function restorePatch(namespace: Pick<MovedNamespace, 'originals' | 'adopted'>): object {
  const annotations = { [ANNOTATION_ORIGINAL_LABELS]: null, ...noAdoption(namespace) };
  return { metadata: { labels: namespace.originals, annotations } };
}

/** The patch that forgets the labels as they were: when there is nothing left to go back to. */
export function forgetPatch(namespace: Pick<MeshNamespace, 'adopted'> = {}): object {
  return {
    metadata: { annotations: { [ANNOTATION_ORIGINAL_LABELS]: null, ...noAdoption(namespace) } },
  };
}

function noAdoption({ adopted }: Pick<MeshNamespace, 'adopted'>): Readonly<Record<string, null>> {
  return adopted === undefined ? {} : { [ANNOTATION_ADOPTED]: null };
}

/** `Kind namespace/name` of what made a pod; empty for a pod of nobody's. */
export function ownerKey(pod: MeshPod): string {
  return pod.owner === undefined ? '' : nameOf({ ...pod.owner, namespace: pod.namespace });
}

/** What is to be done about the pods that are not where they should be. */
export interface Replacement {
  /** Restarted: then their pods go. */
  readonly workloads: readonly Workload[];
  /** Broken before, and left alone: a restart could not end, and would leave a pod behind on either side (M21). */
  readonly troubled: readonly Workload[];
  /** Pods that no restart of ours replaces. */
  readonly stragglers: readonly MeshPod[];
}

/**
 * What has to be restarted so that the chosen pods go, and what can't be: decided from what pods show, never from
 * what was done before (promise 2). Pods that are going already are left alone, and so are those that may stay.
 *
 * @param behind which pods have to be replaced
 * @param sides of the upgrade: what was broken before and is on its target by now has to go back all the same
 */
export function toReplace(
  mesh: Mesh,
  behind: (pod: MeshPod) => boolean,
  before: Before,
  sides: Sides,
): Replacement {
  const there = onSide(sides, 'to');
  const byKey = new Map(mesh.workloads.map((workload) => [nameOf(workload), workload]));
  const leaving = leavingNamespaces(mesh);
  const workloads = new Set<Workload>();
  const troubled = new Set<Workload>();
  const stragglers: MeshPod[] = [];
  for (const pod of mesh.pods) {
    if (pod.terminating || pod.accepted || pod.ofGateway === true) continue;
    if (leaving.has(pod.namespace) || !behind(pod)) continue;
    const key = ownerKey(pod);
    const workload = byKey.get(key);
    if (workload === undefined || stuckBecause(workload) !== undefined) stragglers.push(pod);
    else if (isRolledByRendering(workload, sides)) continue;
    else if (before.declined.has(key)) continue;
    else if (before.troubled.has(key) && !there(pod) && !isHealthy(workload.rollout)) troubled.add(workload);
    else workloads.add(workload);
  }
  return { workloads: [...workloads], troubled: [...troubled], stragglers };
}

/**
 * A gateway of istioctl's that a restart moves nowhere, and that has a step of its own: it brings back the proxy that was
 * rendered into it, or that of the revision that its template names. One that is injected otherwise is restarted.
 */
function isRolledByRendering({ gateway, injectedBy, pinnedRevision }: Workload, sides: Sides): boolean {
  if (gateway !== 'installed') return false;
  return injectedBy.length === 0 || (pinnedRevision !== undefined && !isInPlace(sides));
}

/** Why a restart would not replace all of a workload's pods; undefined when it would. */
export function stuckBecause(workload: Workload): string | undefined {
  if (workload.onDelete) return 'its update strategy is OnDelete';
  if (workload.paused) return 'its rollout is paused';
  if (workload.partition > 0) return `its rolling update has partition ${String(workload.partition)}`;
  return undefined;
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
