import { injectedBy, injectedByOnceDefault, tagsLedBack } from './injection.ts';
import type { Mesh, MeshNamespace, MeshPod } from './mesh.ts';
import { DEFAULT_TAG, LABEL_INJECTION, LABEL_REVISION, type Labels } from './names.ts';
import type { Originals } from './originals.ts';
import { followersOf, followsTag, tagsLeadingTo } from './tags.ts';

type Seen = Pick<Mesh, 'namespaces' | 'injectors'>;

/** What an act is about: the canary's namespaces, those of a wave, or all of the mesh. */
export interface Scope {
  readonly namespaces: readonly string[];
  /** Revision tags that pods choose by themselves, where their namespace leaves them the choice. */
  readonly tags: readonly string[];
}

export function coversNamespace({ namespaces }: Scope, namespace: string): boolean {
  return namespaces.includes(namespace);
}

/** A pod or a workload, as far as its scope goes. */
export type Placed = Pick<MeshPod, 'namespace' | 'pinnedRevision' | 'ofGateway'>;

/**
 * Whether an act is about a pod, or about the pods of a workload. Those that istiod makes for a Gateway go by the Gateway's
 * own label, and last: no act on namespaces or tags is about them.
 */
export function covers(scope: Scope, { namespace, pinnedRevision, ofGateway }: Placed): boolean {
  return (
    ofGateway !== true &&
    (coversNamespace(scope, namespace) ||
      (pinnedRevision !== undefined && scope.tags.includes(pinnedRevision)))
  );
}

/**
 * Namespaces that choose a control plane of this mesh by label. What nobody injects, or another mesh does, is not ours to
 * write or to judge (promise 12); what is being deleted is left alone.
 */
export function meshNamespaces(mesh: Seen): MeshNamespace[] {
  return mesh.namespaces.filter(
    ({ choice, injectedBy: revisions, terminating }) =>
      choice !== 'none' && revisions.length > 0 && !terminating,
  );
}

/** A namespace whose labels this Action changed. */
export interface MovedNamespace extends MeshNamespace {
  readonly originals: Originals;
}

/**
 * Whether this upgrade moved a namespace and it is still so: it has the annotation, *and* the labels are as a move leaves
 * them. The annotation alone may be stale, from another cluster or from anybody who may annotate (M11, M37).
 */
export function isMoved(namespace: MeshNamespace, target: string): namespace is MovedNamespace {
  const { originals, labels } = namespace;
  return (
    originals !== undefined &&
    (labels[LABEL_REVISION] === target || isAdopted(namespace, target)) &&
    labels[LABEL_INJECTION] === undefined
  );
}

/** Whether this upgrade made it follow a tag instead of a revision, and it still does (`adopt-tags`). */
export function isAdopted({ adopted, originals, labels }: MeshNamespace, target: string): boolean {
  return originals !== undefined && adopted?.revision === target && labels[LABEL_REVISION] === adopted.tag;
}

/** Namespaces that were moved to a revision and not put back. */
export function movedNamespaces(mesh: Seen, target: string): MovedNamespace[] {
  return mesh.namespaces.filter(
    (namespace): namespace is MovedNamespace => isMoved(namespace, target) && !namespace.terminating,
  );
}

/** Namespaces that are on a revision by what this upgrade does: they were relabelled, or follow a tag that leads there. */
export function takenNamespaces(mesh: Seen & Pick<Mesh, 'tags'>, target: string): MeshNamespace[] {
  const following = new Set(followersOf(mesh, tagsLeadingTo(mesh, target)));
  return mesh.namespaces.filter(
    (namespace) => !namespace.terminating && (isMoved(namespace, target) || following.has(namespace)),
  );
}

/** Labels as they were before a move; as they are where there was none. */
export function labelsBefore(namespace: MeshNamespace, target: string): Labels {
  return isMoved(namespace, target) ? withLabels(namespace.labels, namespace.originals) : namespace.labels;
}

/**
 * Moved namespaces whose own labels choose the target by now, so that Git and cluster may agree again: those that
 * follow the default tag, once it has moved.
 */
export function restorableNamespaces(mesh: Seen, target: string): MovedNamespace[] {
  return movedNamespaces(mesh, target).filter((namespace) =>
    isOnly(injectedBy(mesh.injectors, labelsBefore(namespace, target)), target),
  );
}

/**
 * Moved namespaces whose labels of before lead back to a revision, once the default points there: only these are put
 * back. The others would end at a control plane that is gone, or nowhere (M11).
 */
export function returningNamespaces(mesh: Seen, target: string, back: string): MovedNamespace[] {
  const injectors = tagsLedBack(mesh.injectors, target, back);
  return movedNamespaces(mesh, target).filter((namespace) =>
    isOnly(injectedByOnceDefault(injectors, back, labelsBefore(namespace, target)), back),
  );
}

/** Namespaces that stay on the target whatever a rollback does: nobody knows what they were before (M40). */
export function stayingNamespaces(mesh: Seen, target: string, back: string): MeshNamespace[] {
  const returning = new Set<MeshNamespace>(returningNamespaces(mesh, target, back));
  const injectors = tagsLedBack(mesh.injectors, target, back);
  return meshNamespaces(mesh).filter(
    (namespace) =>
      !returning.has(namespace) && injectedByOnceDefault(injectors, back, namespace.labels).includes(target),
  );
}

/** Whether a namespace chooses what follows the default, and nothing else. */
export function followsDefault(namespace: Pick<MeshNamespace, 'choice' | 'labels'>): boolean {
  return (
    namespace.choice === 'injection' || namespace.choice === 'both' || followsTag(namespace, [DEFAULT_TAG])
  );
}

/** Whether the default is gone, and something follows it: new pods there come without a sidecar. */
export function lacksDefault(mesh: Pick<Mesh, 'namespaces' | 'workloads'>): boolean {
  return (
    mesh.namespaces.some(
      (item) =>
        followsDefault(item) && item.injectedBy.length + item.foreign.length === 0 && !item.terminating,
    ) ||
    mesh.workloads.some(
      ({ pinnedRevision, injectedBy: by }) => pinnedRevision === DEFAULT_TAG && by.length === 0,
    )
  );
}

/** Whether a namespace's own label names a revision, and nobody injects it: that control plane is gone. */
export function namesGone(
  { choice, labels, injectedBy: by, foreign, terminating }: MeshNamespace,
  revision: string,
): boolean {
  return (
    choice === 'revision' &&
    labels[LABEL_REVISION] === revision &&
    by.length + foreign.length === 0 &&
    !terminating
  );
}

/** Whether a pod runs on a revision, and is not just ending. */
export function runsOn({ pods }: Pick<Mesh, 'pods'>, revision: string): boolean {
  return pods.some((pod) => pod.revision === revision && !pod.terminating);
}

/** Whether Git keeps the label by which a namespace follows the default: then it is not relabelled, but follows (M28). */
export function followsByGit(namespace: MeshNamespace): boolean {
  const label = namespace.choice === 'injection' ? LABEL_INJECTION : LABEL_REVISION;
  const isDefault = namespace.choice === 'injection' || followsTag(namespace, [DEFAULT_TAG]);
  return isDefault && namespace.git?.labels.includes(label) === true;
}

/** All of the mesh, but for those that Git lets follow the default: they move with it. */
export function restOf(mesh: Seen): string[] {
  return meshNamespaces(mesh)
    .filter((namespace) => !followsByGit(namespace))
    .map(({ name }) => name);
}

function withLabels(labels: Labels, changes: Originals): Labels {
  const merged = { ...labels, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

export function isOnly(revisions: readonly string[], revision: string): boolean {
  return revisions.length === 1 && revisions[0] === revision;
}
