import type { Store } from '../api/store.ts';
import { isReady } from '../controllers/pod-status.ts';
import { KINDS } from '../kinds.ts';
import type { Pod } from '../objects.ts';
import { type Istiod, behind } from './istiod.ts';
import { MESH_VOLUME, discoveryOf, proxyOf, reportedVersion } from './proxy.ts';

/** A sidecar that runs, and what becomes of it. */
interface Running {
  readonly pod: Pod;
  readonly stale: boolean;
  readonly onSynced: () => void;
  /** The istiod that it is connected to; undefined while it looks for one. */
  istiod: Istiod | undefined;
  syncedAt: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** One proxy, as its istiod sees it. */
export interface Connected {
  readonly id: string;
  readonly namespace: string;
  readonly version: string;
  readonly stale: boolean;
  /** When it acknowledged; undefined before that. */
  readonly syncedAt: string | undefined;
}

/**
 * The proxies' streams to their istiods. Each connects to an istiod behind the Service that its own configuration names,
 * is in sync a while later, and looks for another istiod when its own has gone.
 */
export class Proxies {
  readonly #store: Store;
  readonly #syncMs: number;
  readonly #running = new Map<string, Running>();

  constructor(store: Store, syncMs: number) {
    this.#store = store;
    this.#syncMs = syncMs;
  }

  /**
   * A pod's sidecar has started.
   *
   * @param stale whether it is to acknowledge nothing
   * @param onSynced called when it has its first configuration
   */
  start(pod: Pod, stale: boolean, onSynced: () => void): void {
    this.#running.set(pod.metadata.uid, {
      pod,
      stale,
      onSynced,
      istiod: undefined,
      syncedAt: undefined,
      timer: undefined,
    });
    this.connect();
  }

  /** A pod's sidecar has ended. */
  stop(uid: string): void {
    clearTimeout(this.#running.get(uid)?.timer);
    this.#running.delete(uid);
  }

  /** Drops connections to istiods that have gone, and connects what is not connected. */
  connect(): void {
    for (const proxy of this.#running.values()) {
      if (proxy.istiod !== undefined && !this.#lives(proxy.istiod)) {
        clearTimeout(proxy.timer);
        proxy.istiod = undefined;
        proxy.syncedAt = undefined;
      }
      if (proxy.istiod === undefined) this.#dial(proxy);
    }
  }

  /** The istiod that a pod's proxy is connected to; undefined while it has none. */
  istiodOf(uid: string): Istiod | undefined {
    return this.#running.get(uid)?.istiod;
  }

  /** The proxies that are connected to an istiod's pod. */
  connectedTo(istiodUid: string): Connected[] {
    return [...this.#running.values()]
      .filter(({ istiod }) => istiod?.uid === istiodUid)
      .map(({ pod, stale, syncedAt }) => ({
        id: `${pod.metadata.name}.${pod.metadata.namespace ?? ''}`,
        namespace: pod.metadata.namespace ?? '',
        version: reportedVersion(pod),
        stale,
        syncedAt,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #dial(proxy: Running): void {
    const container = proxyOf(proxy.pod);
    const service = container === undefined ? undefined : discoveryOf(container, this.#mounted(proxy.pod));
    const istiods = service === undefined ? [] : behind(this.#store, service);
    // An istiod that is not ready yet takes no connections; the next change of a pod asks again.
    const [istiod] = typeof istiods === 'string' ? [] : istiods;
    if (istiod === undefined) return;
    proxy.istiod = istiod;
    proxy.timer = setTimeout(() => {
      proxy.syncedAt = new Date().toISOString();
      proxy.onSynced();
    }, this.#syncMs);
    proxy.timer.unref();
  }

  /** The mesh's configuration that is mounted into a pod; undefined for none. */
  #mounted({ metadata, spec }: Pod): string | undefined {
    const { configMap } = spec.volumes?.find(({ name }) => name === MESH_VOLUME) ?? {};
    return this.#store.get(KINDS.ConfigMap, metadata.namespace, configMap?.name ?? '')?.data?.mesh;
  }

  /** A connection lives as long as istiod's process, also when it is ending. */
  #lives({ namespace, pod: name, uid }: Istiod): boolean {
    const pod = this.#store.get(KINDS.Pod, namespace, name);
    return pod?.metadata.uid === uid && (isReady(pod) || pod.metadata.deletionTimestamp !== undefined);
  }
}
