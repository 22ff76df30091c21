import type { Change, Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import { KINDS, type Kind, apiVersionOf, definedBy } from '../kinds.ts';
import type { KubeObject, Pod } from '../objects.ts';
import { endPod } from './pods.ts';

/**
 * Ends namespaces that are deleted (case M41): first what is in them, pods as long as they take, then they themselves. What
 * has a finalizer holds its namespace until that is taken off.
 */
export class NamespaceKeeper {
  readonly #store: Store;
  readonly #verbs: Verbs;
  readonly #delayMs: number;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(store: Store, verbs: Verbs, delayMs: number) {
    this.#store = store;
    this.#verbs = verbs;
    this.#delayMs = delayMs;
  }

  see({ kind, type, object: { metadata } }: Change): void {
    if (kind !== KINDS.Namespace || type === 'DELETED' || metadata.deletionTimestamp === undefined) return;
    if (!this.#timers.has(metadata.name)) this.#wait(metadata.name);
  }

  close(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
  }

  #wait(name: string): void {
    const timer = setTimeout(() => this.#empty(name), this.#delayMs);
    timer.unref();
    this.#timers.set(name, timer);
  }

  #empty(name: string): void {
    const contents = this.#store.everything().filter(({ metadata }) => metadata.namespace === name);
    const pods = contents.filter((object): object is Pod => object.kind === KINDS.Pod.kind);
    for (const object of contents) {
      const kind = this.#kindOf(object);
      if (kind !== undefined && kind !== KINDS.Pod && !isHeld(object)) this.#store.remove(kind, object);
    }
    pods.forEach((pod) => endPod(this.#verbs, pod));
    if (pods.length > 0 || contents.some(isHeld)) {
      this.#wait(name);
      return;
    }
    this.#timers.delete(name);
    const namespace = this.#store.get(KINDS.Namespace, undefined, name);
    if (namespace !== undefined) this.#store.remove(KINDS.Namespace, namespace);
  }

  #kindOf({ apiVersion, kind }: KubeObject): Kind | undefined {
    const defined = this.#store.list(KINDS.CustomResourceDefinition).flatMap(definedBy);
    return [...Object.values<Kind>(KINDS), ...defined].find(
      (candidate) => candidate.kind === kind && apiVersionOf(candidate) === apiVersion,
    );
  }
}

function isHeld({ kind, metadata: { finalizers = [] } }: KubeObject): boolean {
  return kind !== KINDS.Pod.kind && finalizers.length > 0;
}
