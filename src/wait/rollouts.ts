import type { Cluster } from '../cluster/cluster.ts';
import type { WorkloadObject } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { type WorkloadKind, nameOf } from '../istio/mesh.ts';
import { rolloutOf } from '../istio/rollout.ts';
import type { Logger } from '../log.ts';
import { feed } from './rollout-feed.ts';
import { type Named, blockOf, giveUp, notReady, reasonOf } from './rollout-reasons.ts';
import { PROGRESS_MS } from './wait.ts';

/** So many workloads that are not ready are asked for their pods' reasons. */
const EXPLAINED = { now: 3, late: 20 } as const;

export interface RolloutWait {
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether it is a rollback that waits. */
  readonly isWayBack?: boolean;
}

/** What is kept of a workload as it was seen last: not its template, of which a large mesh has thousands. */
type Seen = Pick<WorkloadObject, 'metadata' | 'status'> & {
  readonly spec: Omit<WorkloadObject['spec'], 'template'>;
};

function seenOf({ metadata, spec, status }: WorkloadObject): Seen {
  const { uid, generation, name } = metadata;
  const { replicas, updateStrategy, podManagementPolicy, selector } = spec;
  return {
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(generation === undefined ? {} : { generation }),
    },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      ...(updateStrategy === undefined ? {} : { updateStrategy }),
      ...(podManagementPolicy === undefined ? {} : { podManagementPolicy }),
      ...(selector === undefined ? {} : { selector }),
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** Which workload was changed, and what it was then. */
type Since = Pick<WorkloadObject, 'metadata'>;

/** A workload whose rollout is waited for. */
interface Waiter {
  readonly item: Named;
  /** As it was when it was changed: what is older says nothing of that change. */
  readonly since: Since | undefined;
  readonly end: (findings: readonly Finding[]) => void;
  readonly fail: (error: unknown) => void;
  message: string;
  /** Whether it was asked what may hold it up. */
  asked: boolean;
}

/**
 * Waits until the rollouts of workloads have ended, by watching their kinds, and says every 10 s what is missing and
 * why.
 *
 * @returns a finding for each workload that was not ready when the time was up; none when all are
 */
export async function awaitRollouts(workloads: readonly Named[], wait: RolloutWait): Promise<Finding[]> {
  const watch = new RolloutWatch(workloads, wait);
  try {
    const findings = await Promise.all(workloads.map((workload) => watch.ended(workload, wait.timeoutMs)));
    return findings.flat();
  } finally {
    watch.close();
  }
}

/** Follows the rollouts of many workloads by one list and one watch of each kind. Must be closed. */
export class RolloutWatch {
  readonly #wait: Omit<RolloutWait, 'timeoutMs'>;
  readonly #workloads: readonly Named[];
  readonly #keys: ReadonlySet<string>;
  readonly #waiters = new Map<string, Waiter>();
  /** By name; `undefined` for one that is deleted. */
  readonly #seen = new Map<string, Seen | undefined>();
  readonly #feeds = new Set<WorkloadKind>();
  readonly #over = new AbortController();
  readonly #ticker: NodeJS.Timeout;
  readonly #cancel: () => void;
  #done = 0;
  #late = 0;

  /** @param workloads all that may be waited for: in which namespaces is watched */
  constructor(workloads: readonly Named[], wait: Omit<RolloutWait, 'timeoutMs'>) {
    this.#wait = wait;
    this.#workloads = workloads;
    this.#keys = new Set(workloads.map(nameOf));
    this.#ticker = setInterval(() => void this.#tick(), PROGRESS_MS);
    this.#cancel = () => {
      this.#failAll(wait.signal.reason);
      this.close();
    };
    wait.signal.addEventListener('abort', this.#cancel);
  }

  /**
   * Waits until the rollout of one has ended.
   *
   * @param since the workload as it was when it was changed, where it was: what was seen before does not count
   * @returns what is wrong, when its time is up or waiting can't help; none when it is ready or gone
   */
  async ended(item: Named, timeoutMs: number, since?: Seen): Promise<readonly Finding[]> {
    this.#wait.signal.throwIfAborted();
    const key = nameOf(item);
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<readonly Finding[]>();
    const waiter: Waiter = { item, since, end, fail, message: '', asked: false };
    this.#waiters.set(key, waiter);
    const timer = setTimeout(() => void this.#giveTime(waiter, timeoutMs), timeoutMs);
    try {
      const seen = this.#seen.get(key);
      if (seen !== undefined) this.#judge(waiter, seen);
      // Deleted after it was changed, and before we got here.
      else if (this.#seen.has(key)) end([]);
      this.#follow(item.kind);
      return await promise;
    } finally {
      clearTimeout(timer);
      if (this.#waiters.get(key) === waiter) this.#waiters.delete(key);
      this.#done++;
    }
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#wait.signal.removeEventListener('abort', this.#cancel);
    this.#over.abort();
  }

  #follow(kind: WorkloadKind): void {
    if (this.#feeds.has(kind)) return;
    this.#feeds.add(kind);
    const ofKind = this.#workloads.filter((item) => item.kind === kind);
    const [only, ...more] = new Set(ofKind.map(({ namespace }) => namespace));
    const keyOf = ({ metadata: { namespace = '', name } }: WorkloadObject): string =>
      nameOf({ kind, namespace, name });
    const one = (object: WorkloadObject): void => {
      const key = keyOf(object);
      if (!this.#keys.has(key)) return;
      const seen = seenOf(object);
      this.#seen.set(key, seen);
      const waiter = this.#waiters.get(key);
      if (waiter !== undefined) this.#judge(waiter, seen);
    };
    const gone = (key: string): void => {
      this.#seen.set(key, undefined);
      // There is nothing left to wait for.
      this.#waiters.get(key)?.end([]);
    };
    const listener = {
      all: (items: readonly WorkloadObject[]) => {
        const there = new Set(items.map(keyOf));
        for (const [key, { item }] of this.#waiters) if (item.kind === kind && !there.has(key)) gone(key);
        items.forEach(one);
      },
      one,
      gone: (object: WorkloadObject) => gone(keyOf(object)),
    };
    const { cluster } = this.#wait;
    feed(kind, more.length === 0 ? only : undefined, {
      cluster,
      over: this.#over.signal,
      listener,
    }).catch((error: unknown) => {
      this.#feeds.delete(kind);
      this.#failAll(error, kind);
    });
  }

  #judge(waiter: Waiter, seen: Seen): void {
    const { item, since } = waiter;
    const { uid, generation = 0 } = seen.metadata;
    const isSame = since !== undefined && since.metadata.uid === uid;
    if (isSame && generation < (since.metadata.generation ?? 0)) return;
    const rollout = rolloutOf(item.kind, seen);
    if (rollout.done) waiter.end([]);
    else if (rollout.stuck !== undefined)
      waiter.end([giveUp(nameOf(item), rollout.stuck, 'Look at its pods and its events.')]);
    else {
      waiter.message = rollout.message;
      const hasBegun = since === undefined || (seen.status?.observedGeneration ?? 0) >= generation;
      if (!waiter.asked && hasBegun) {
        waiter.asked = true;
        void this.#findBlock(waiter);
      }
    }
  }

  async #findBlock(waiter: Waiter): Promise<void> {
    const seen = this.#seen.get(nameOf(waiter.item));
    if (seen === undefined) return;
    const block = await blockOf(waiter.item, seen, this.#wait.cluster).catch(() => undefined);
    if (block !== undefined) waiter.end([block]);
  }

  async #tick(): Promise<void> {
    const { cluster, log } = this.#wait;
    const waiters = [...this.#waiters.values()];
    for (const waiter of waiters) void this.#findBlock(waiter);
    try {
      const reasons = await Promise.all(
        waiters.slice(0, EXPLAINED.now).map(async ({ item, message }) => {
          return `${nameOf(item)}: ${(await reasonOf(item, cluster)) ?? (message || 'unknown')}`;
        }),
      );
      log.info(
        `waiting for rollouts: ${String(this.#done)} of ${String(this.#workloads.length)} are done. ${reasons.join('; ')}`,
      );
    } catch {
      // A line of progress is worth no failure.
    }
  }

  /** Its time is up. */
  async #giveTime({ item, message, end }: Waiter, waitedMs: number): Promise<void> {
    const reason =
      this.#late++ < EXPLAINED.late
        ? await reasonOf(item, this.#wait.cluster).catch(() => undefined)
        : undefined;
    end([notReady(item, message, { reason, waitedMs, isWayBack: this.#wait.isWayBack === true })]);
  }

  #failAll(error: unknown, kind?: WorkloadKind): void {
    for (const { item, fail } of this.#waiters.values())
      if (kind === undefined || item.kind === kind) fail(error);
  }
}
