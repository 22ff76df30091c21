import { randomUUID } from 'node:crypto';
import { type Kind, qualified } from '../kinds.ts';
import type { KubeObject, Metadata } from '../objects.ts';

/** One change, as watches tell it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly kind: Kind;
  readonly object: KubeObject;
  /** What was there before; undefined for what is new. */
  readonly before: KubeObject | undefined;
}

/** So many changes are remembered for watches that come back. */
const HISTORY = 2_000;

/** All objects, each change numbered. Whoever holds it may do everything: what requests may is decided above. */
export class Store {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  /** The objects of a kind in order, until one comes or goes. */
  readonly #sorted = new Map<string, readonly string[]>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 100;
  #forgotten = 100;

  /** The number of the last change: the `resourceVersion` of a list. */
  get version(): number {
    return this.#version;
  }

  get<T extends KubeObject>(kind: Kind<T>, namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(qualified(kind))?.get(keyOf(namespace, name)) as T | undefined;
  }

  /** Of one namespace, or of all where none is given; sorted by namespace and name, as etcd does. */
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): T[] {
    const objects = this.#objects.get(qualified(kind));
    if (objects === undefined) return [];
    const keys = this.#sorted.get(qualified(kind)) ?? [...objects.keys()].sort();
    this.#sorted.set(qualified(kind), keys);
    const prefix = `${namespace ?? ''}/`;
    const wanted = namespace === undefined ? keys : keys.filter((key) => key.startsWith(prefix));
    return wanted.map((key) => objects.get(key) as T);
  }

  /** Every object there is. */
  everything(): KubeObject[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  /** Stores an object, and gives it its number. */
  put<T extends KubeObject>(kind: Kind<T>, object: T): T {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const objects = this.#objects.get(qualified(kind)) ?? new Map<string, KubeObject>();
    const before = objects.get(key);
    this.#version++;
    const stored: T = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    };
    objects.set(key, stored);
    this.#objects.set(qualified(kind), objects);
    if (before === undefined) this.#sorted.delete(qualified(kind));
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', kind, object: stored, before });
    return stored;
  }

  remove(kind: Kind, { metadata }: KubeObject): void {
    const objects = this.#objects.get(qualified(kind));
    const key = keyOf(metadata.namespace, metadata.name);
    const before = objects?.get(key);
    if (objects === undefined || before === undefined) return;
    objects.delete(key);
    this.#sorted.delete(qualified(kind));
    this.#version++;
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(this.#version) } };
    this.#tell({ type: 'DELETED', kind, object, before });
  }

  /** The changes after a version; undefined when some of them are forgotten. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#forgotten) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  /** Calls with each change from now on, until the function that is returned is called. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the changes so far, as etcd's compaction does. */
  compact(): void {
    this.#forgotten = this.#version;
    this.#history = [];
  }

  #tell(change: Omit<Change, 'version'>): void {
    const numbered: Change = { ...change, version: this.#version };
    this.#history.push(numbered);
    if (this.#history.length > HISTORY) this.#forgotten = this.#history.shift()?.version ?? this.#forgotten;
    for (const listener of [...this.#listeners]) listener(numbered);
  }
}

/** What the server adds to a new object's metadata. */
export function newMetadata(name: string, namespace: string | undefined): Metadata {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUUID(),
    resourceVersion: '',
    creationTimestamp: now(),
  };
}

/** The time in Kubernetes' form, to the second. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
