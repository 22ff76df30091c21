import { isDeepStrictEqual } from 'node:util';
import type { Change, Store } from '../api/store.ts';
import type { Delays } from '../delays.ts';
import { isMissing } from '../istio/images.ts';
import { isIstiod } from '../istio/istiod.ts';
import type { Proxies } from '../istio/proxies.ts';
import { proxyOf } from '../istio/proxy.ts';
import { KINDS } from '../kinds.ts';
import type { Pod } from '../objects.ts';
import { type Faults, faultsOf } from './faults.ts';
import { type Facts, statusOf } from './pod-status.ts';

/** What is known of a pod that is here. */
interface Resident {
  readonly namespace: string | undefined;
  readonly name: string;
  facts: Facts;
  readonly timers: Set<NodeJS.Timeout>;
  ending: boolean;
}

/** The kubelet of all nodes: pods start, get ready, and go, each a while after they were told to. */
export class Kubelet {
  readonly #store: Store;
  readonly #proxies: Proxies;
  readonly #delays: Delays;
  readonly #versions: readonly string[];
  readonly #residents = new Map<string, Resident>();

  constructor(store: Store, proxies: Proxies, delays: Delays, versions: readonly string[]) {
    this.#store = store;
    this.#proxies = proxies;
    this.#delays = delays;
    this.#versions = versions;
  }

  /** Reacts to a change of a pod. */
  see({ type, object }: Change): void {
    const pod = object as Pod;
    const { uid, deletionTimestamp } = pod.metadata;
    if (type === 'DELETED') this.#forget(uid);
    if (type === 'ADDED') this.#admit(pod);
    const resident = this.#residents.get(uid);
    if (resident === undefined) return;
    if (deletionTimestamp !== undefined && !resident.ending) {
      resident.ending = true;
      this.#later(resident, this.#delays.stop, () => this.#evict(uid));
    }
  }

  /** Ends everything that runs. */
  close(): void {
    for (const uid of [...this.#residents.keys()]) this.#forget(uid);
  }

  #admit(pod: Pod): void {
    const faults = faultsOf(pod);
    const facts: Facts = {
      started: false,
      appReady: false,
      proxyReady: false,
      pullFails: faults.pullFails,
      missing: (image) => isMissing(image, this.#versions),
    };
    const { namespace, name } = pod.metadata;
    const resident: Resident = { namespace, name, facts, timers: new Set(), ending: false };
    this.#residents.set(pod.metadata.uid, resident);
    this.#later(resident, 0, () => this.#report(pod.metadata.uid));
    this.#later(resident, this.#delays.start, () => this.#start(pod, resident, faults));
  }

  #start(pod: Pod, resident: Resident, faults: Faults): void {
    const { uid } = pod.metadata;
    this.#know(uid, { started: true });
    const readyMs = isIstiod(pod) ? this.#delays.istiod : faults.readyAfter;
    if (!faults.neverReady) this.#later(resident, readyMs, () => this.#know(uid, { appReady: true }));
    const proxy = proxyOf(pod);
    if (proxy === undefined || resident.facts.missing(proxy.image)) return;
    if (faults.proxyAbsent || faults.proxyStale) this.#know(uid, { proxyReady: true });
    if (faults.proxyAbsent) return;
    this.#proxies.start(pod, faults.proxyStale, () => this.#know(uid, { proxyReady: true }));
  }

  #know(uid: string, facts: Partial<Facts>): void {
    const resident = this.#residents.get(uid);
    if (resident === undefined) return;
    resident.facts = { ...resident.facts, ...facts };
    this.#report(uid);
  }

  /** Writes the status, if it is another one than before. */
  #report(uid: string): void {
    const resident = this.#residents.get(uid);
    const pod = resident === undefined ? undefined : this.#find(uid, resident);
    if (resident === undefined || pod === undefined) return;
    const status = statusOf(pod, resident.facts);
    if (!isDeepStrictEqual(status, pod.status)) this.#store.put(KINDS.Pod, { ...pod, status });
  }

  #evict(uid: string): void {
    const resident = this.#residents.get(uid);
    const pod = resident === undefined ? undefined : this.#find(uid, resident);
    this.#forget(uid);
    if (pod !== undefined) this.#store.remove(KINDS.Pod, pod);
  }

  #forget(uid: string): void {
    this.#residents.get(uid)?.timers.forEach((timer) => clearTimeout(timer));
    this.#residents.delete(uid);
    this.#proxies.stop(uid);
  }

  /** The pod as it is now; another one may have its name by then. */
  #find(uid: string, { namespace, name }: Resident): Pod | undefined {
    const pod = this.#store.get(KINDS.Pod, namespace, name);
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  #later(resident: Resident, ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      resident.timers.delete(timer);
      work();
    }, ms);
    resident.timers.add(timer);
    timer.unref();
  }
}
