import { isDeepStrictEqual } from 'node:util';
import { KINDS, type Kind, apiVersionOf, qualified } from '../kinds.ts';
import type { Container, Draft, Job, KubeObject, Metadata, Pod, Workload } from '../objects.ts';
import { isApplied, withApplied } from './applied.ts';
import { withManager } from './managed-fields.ts';
import { mergePatch } from './merge.ts';
import { checkQuota, checkRoom } from './quota.ts';
import { Refusal, badRequest, conflict, invalid, notFound } from './refusal.ts';
import { selects } from './selector.ts';
import { type Store, newMetadata, now } from './store.ts';

/** Where an object is, or would be. */
export interface Place {
  readonly kind: Kind;
  readonly namespace: string | undefined;
}

/** What a webhook is asked about. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** What webhooks do to an object before it is stored. They may change or refuse it. */
export interface Admission {
  admit(place: Place, operation: Operation, object: KubeObject): KubeObject;
}

export interface WriteOptions {
  /** Everything is checked and admitted, and nothing is stored. */
  readonly dryRun: boolean;
  /** Who writes, for `managedFields`; not told where nobody is named. */
  readonly manager?: string;
  /** What was sent, where it is an apply. */
  readonly applied?: Draft;
}

export interface DeleteOptions extends WriteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** What becomes of a workload's pods: with `Foreground` they go first, otherwise after it. */
  readonly propagation?: string;
}

/** The verbs that change objects, as the API server carries them out. Each throws {@link Refusal}. */
export interface Verbs {
  create(place: Place, draft: Draft, options: WriteOptions): KubeObject;
  /** `revise` makes the new object of the one that is there. */
  update(
    place: Place,
    name: string,
    revise: (current: KubeObject) => Draft,
    options: WriteOptions,
  ): KubeObject;
  remove(place: Place, name: string, options: DeleteOptions): KubeObject;
}

const NAME = /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** With it Kubernetes keeps an object until what belongs to it has gone. */
export const FOREGROUND = 'foregroundDeletion';

export function createVerbs(store: Store, admission: Admission): Verbs {
  function mustGet({ kind, namespace }: Place, name: string): KubeObject {
    const object = store.get(kind, namespace, name);
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  return {
    create: (place, draft, { dryRun, manager }) => {
      const { kind, namespace } = place;
      const object = withDefaults(kind, complete(place, draft));
      if (namespace !== undefined) checkHome(store, place, namespace, object);
      check(kind, object);
      if (store.get(kind, namespace, object.metadata.name) !== undefined) {
        throw new Refusal(409, 'AlreadyExists', `${kind.plural} "${object.metadata.name}" already exists`);
      }
      const admitted = admission.admit(place, 'CREATE', object);
      if (kind === KINDS.Pod) {
        checkRoom(store, admitted as Pod);
        checkMounts(admitted as Pod);
      }
      const told = managed(kind, admitted, undefined, manager, draft);
      return dryRun ? told : store.put(kind, told);
    },
    update: (place, name, revise, { dryRun, manager, applied }) => {
      const { kind } = place;
      const current = mustGet(place, name);
      const next = revised(kind, current, revise(current));
      if (isDeepStrictEqual(next, current)) return current;
      check(kind, next, current);
      const admitted = admission.admit(place, 'UPDATE', next);
      const told = managed(kind, admitted, current, manager, applied);
      return dryRun ? told : store.put(kind, told);
    },
    remove: (place, name, { dryRun, uid, resourceVersion, propagation }) => {
      const { kind } = place;
      const object = mustGet(place, name);
      const { metadata } = object;
      if (uid !== undefined && uid !== metadata.uid) {
        throw conflict(kind, name, `the UID in the precondition (${uid}) does not match ${metadata.uid}`);
      }
      if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
        throw conflict(kind, name, 'the resourceVersion in the precondition does not match');
      }
      if (kind === KINDS.Namespace) checkLasting(name);
      admission.admit(place, 'DELETE', object);
      if (dryRun || metadata.deletionTimestamp !== undefined) return object;
      // A pod is ended by its kubelet first, a namespace by what empties it, a workload may have to outlive its pods; all else goes at once.
      const isWorkload = kind.group === 'apps' || kind === KINDS.Job;
      const finalizers = isWorkload
        ? [...(metadata.finalizers ?? []), ...(propagation === 'Foreground' ? [FOREGROUND] : [])]
        : [];
      if (kind !== KINDS.Pod && kind !== KINDS.Namespace && finalizers.length === 0) {
        store.remove(kind, object);
        return object;
      }
      const going = {
        ...metadata,
        deletionTimestamp: now(),
        ...(finalizers.length > 0 ? { finalizers } : {}),
      };
      const phase = kind === KINDS.Namespace ? { status: { phase: 'Terminating' } } : {};
      return store.put(kind, { ...object, ...phase, metadata: going });
    },
  };
}

/** Nothing is created in a namespace that is not there, or is ending (case M41). */
function checkHome(store: Store, { kind }: Place, namespace: string, { metadata }: KubeObject): void {
  const home = store.get(KINDS.Namespace, undefined, namespace);
  if (home === undefined) throw notFound(KINDS.Namespace, namespace);
  if (home.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new Refusal(403, 'Forbidden', `${qualified(kind)} "${metadata.name}" is forbidden: ${why}`);
}

/** @throws Refusal for a namespace that Kubernetes itself needs */
function checkLasting(name: string): void {
  if (!['default', 'kube-system', 'kube-public'].includes(name)) return;
  throw new Refusal(403, 'Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`);
}

/** Of namespaces it is told who wrote their labels, of all else what istioctl has applied. */
function managed(
  kind: Kind,
  object: KubeObject,
  before: KubeObject | undefined,
  manager: string | undefined,
  applied: Draft | undefined,
): KubeObject {
  if (isApplied(kind, manager) && applied !== undefined) return withApplied(object, applied);
  return kind === KINDS.Namespace && manager !== undefined ? withManager(object, before, manager) : object;
}

/** The revision of an object that a merge patch makes. */
export function patched(patch: unknown): (current: KubeObject) => Draft {
  return (current) => mergePatch(current, patch) as Draft;
}

function complete({ kind, namespace }: Place, draft: Draft): KubeObject {
  const { metadata = {} } = draft;
  checkKind(kind, draft);
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  // The server keeps the account of who set what by itself.
  const { generateName, ...rest } = metadata;
  const given = Object.fromEntries(Object.entries(rest).filter(([field]) => field !== 'managedFields'));
  const name = metadata.name ?? (generateName === undefined ? '' : `${generateName}${suffix()}`);
  if (name === '') throw invalid(kind, '', 'metadata.name: Required value: name or generateName is required');
  return {
    ...draft,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: {
      ...given,
      ...newMetadata(name, namespace),
      ...(kind.generation ? { generation: 1 } : {}),
    },
  };
}

/** The object that is stored next: what the server owns of it stays as it is, or is counted on. */
function revised(kind: Kind, current: KubeObject, next: Draft): KubeObject {
  checkKind(kind, next);
  const { metadata = {} } = next;
  const { name, resourceVersion, uid } = current.metadata;
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== resourceVersion) {
    throw conflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  if (metadata.uid !== undefined && metadata.uid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    );
  }
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest('the name of the object does not match');
  const changed = kind.generation && !isDeepStrictEqual(contentOf(kind, next), contentOf(kind, current));
  const owned: Partial<Metadata> = {
    ...current.metadata,
    ...(changed ? { generation: (current.metadata.generation ?? 0) + 1 } : {}),
  };
  const { labels, annotations, ownerReferences, finalizers } = metadata;
  const free = Object.entries({ labels, annotations, ownerReferences, finalizers });
  const kept = Object.entries(owned).filter(([key]) => !free.some(([freeKey]) => freeKey === key));
  return {
    ...next,
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: Object.fromEntries([
      ...kept,
      ...free.filter(([, value]) => value !== undefined),
    ]) as unknown as Metadata,
    ...(kind.status && current.status !== undefined ? { status: current.status } : {}),
  };
}

/** What a change of counts as a new generation: the spec, or of an object without one everything but its metadata. */
function contentOf(kind: Kind, object: Draft): unknown {
  if (kind.status) return object.spec;
  return { ...object, metadata: undefined, status: undefined };
}

function checkKind(kind: Kind, { apiVersion, kind: named }: Draft): void {
  if ((apiVersion ?? apiVersionOf(kind)) === apiVersionOf(kind) && (named ?? kind.kind) === kind.kind) return;
  throw badRequest(
    `the object provided is unrecognized: it is ${apiVersion ?? ''} ${named ?? ''}, this is ${apiVersionOf(kind)} ${kind.kind}`,
  );
}

function withDefaults(kind: Kind, object: KubeObject): KubeObject {
  if (kind === KINDS.Namespace) {
    const labels = { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels };
    return {
      ...object,
      metadata: { ...object.metadata, labels },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
  }
  if (kind === KINDS.Deployment || kind === KINDS.StatefulSet || kind === KINDS.ReplicaSet) {
    return { ...object, spec: { replicas: 1, ...(object.spec as object) } };
  }
  if (kind === KINDS.PersistentVolumeClaim) return { ...object, status: { phase: 'Pending' } };
  if (kind === KINDS.Pod) return { ...object, spec: { restartPolicy: 'Always', ...(object.spec as object) } };
  return object;
}

function check(kind: Kind, object: KubeObject, before?: KubeObject): void {
  const { name, labels = {} } = object.metadata;
  if (!NAME.test(name)) throw invalid(kind, name, `metadata.name: Invalid value: "${name}"`);
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_VALUE.test(value)) {
      throw invalid(kind, name, `metadata.labels: Invalid value: "${value}" of ${key}`);
    }
  }
  if (kind === KINDS.ResourceQuota) checkQuota(object);
  if (kind === KINDS.Job) checkJob(object as Job);
  if (kind.group === 'apps') checkWorkload(kind, object as Workload, before as Workload | undefined);
}

function checkJob({ metadata, spec }: Job): void {
  const { restartPolicy } = spec.template.spec;
  if (restartPolicy === 'Never' || restartPolicy === 'OnFailure') return;
  const words = 'Required value: valid values: "OnFailure", "Never"';
  throw invalid(KINDS.Job, metadata.name, `spec.template.spec.restartPolicy: ${words}`);
}

function checkWorkload(kind: Kind, { metadata, spec }: Workload, before: Workload | undefined): void {
  if (!selects(spec.selector, spec.template.metadata?.labels ?? {})) {
    throw invalid(kind, metadata.name, '`selector` does not match template `labels`');
  }
  if (before !== undefined && !isDeepStrictEqual(before.spec.selector, spec.selector)) {
    throw invalid(kind, metadata.name, 'spec.selector: field is immutable');
  }
}

/** What a pod's containers mount must be one of its volumes; checked after webhooks have added theirs. */
function checkMounts({ metadata, spec }: Pod): void {
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  const flaws = (field: string, containers: readonly Container[] = []): string[] =>
    containers.flatMap(({ volumeMounts = [] }, at) =>
      volumeMounts.flatMap(({ name }, mount) =>
        volumes.includes(name)
          ? []
          : [`spec.${field}[${at}].volumeMounts[${mount}].name: Not found: "${name}"`],
      ),
    );
  const all = [...flaws('containers', spec.containers), ...flaws('initContainers', spec.initContainers)];
  if (all.length === 0) return;
  throw invalid(KINDS.Pod, metadata.name, all.length === 1 ? all.join() : `[${all.join(', ')}]`);
}

/** Five characters, as Kubernetes puts them behind a generated name. */
export function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}
