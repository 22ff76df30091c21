import type { Cluster } from '../cluster/cluster.ts';
import type { Pod, WorkloadObject } from '../cluster/objects.ts';
import { ApiError, isExpired, isTroubled, isUnreachable } from '../cluster/api-error.ts';
import type { Finding } from '../finding.ts';
import { type Workload, type WorkloadKind, WORKLOAD_KINDS, nameOf } from '../istio/mesh.ts';
import { podProblem } from '../istio/pod-problem.ts';
import { rolloutOf } from '../istio/rollout.ts';
import type { Logger } from '../log.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRESS_MS } from './wait.ts';

/** So many workloads that are not ready are asked for their pods' reasons. */
const EXPLAINED = 3;
/** A watch that was cut or refused is not opened anew at once: whoever cuts it may do so for a while. */
const PAUSE_MS = 1_000;
/** A watch that has been silent so long is opened anew: the far end may be gone without a word. */
const WATCH_MS = 60_000;

export interface RolloutWait {
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

type Named = Pick<Workload, 'kind' | 'namespace' | 'name'>;

/**
 * Waits until the rollouts of workloads have ended, by watching their kinds, and says every 10 s what is missing and
 * why.
 *
 * @returns a finding for each workload that was not ready when the time was up; none when all are
 */
export async function awaitRollouts(workloads: readonly Named[], wait: RolloutWait): Promise<Finding[]> {
  if (workloads.length === 0) return [];
  const pending = new Map(workloads.map((workload) => [nameOf(workload), workload]));
  const messages = new Map<string, string>();
  const stuck: Finding[] = [];
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort();
  }, wait.timeoutMs);
  const ticker = setInterval(() => {
    void progress(pending, messages, workloads.length, wait);
    void findBlocked(pending, stuck, wait).catch(() => undefined);
  }, PROGRESS_MS);
  try {
    await Promise.all(
      WORKLOAD_KINDS.filter((kind) => workloads.some((item) => item.kind === kind)).map((kind) =>
        follow(kind, { pending, messages, stuck }, wait, over.signal),
      ),
    );
    wait.signal.throwIfAborted();
    const late = [...pending.values()].map((item, index) => notReady(item, messages, index, wait));
    return [...stuck, ...(await Promise.all(late))];
  } finally {
    clearTimeout(timer);
    clearInterval(ticker);
    over.abort();
  }
}

/** What is still waited for, why, and what waiting can't help. */
interface Waiting {
  readonly pending: Map<string, Named>;
  readonly messages: Map<string, string>;
  readonly stuck: Finding[];
}

/** Lists one kind and watches it until nothing of it is pending, over and over as watches end. */
async function follow(
  kind: WorkloadKind,
  { pending, messages, stuck }: Waiting,
  wait: RolloutWait,
  over: AbortSignal,
): Promise<void> {
  const { cluster, signal } = wait;
  const isPending = (): boolean => [...pending.values()].some((item) => item.kind === kind);
  const keyOf = ({ metadata }: WorkloadObject): string =>
    nameOf({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
  const see = (item: WorkloadObject): void => {
    const key = keyOf(item);
    if (!pending.has(key)) return;
    const rollout = rolloutOf(kind, item);
    if (rollout.done) pending.delete(key);
    else if (rollout.stuck !== undefined) {
      pending.delete(key);
      stuck.push(giveUp(key, rollout.stuck, 'Look at its pods and its events.'));
    } else messages.set(key, rollout.message);
  };
  const namespaces = new Set(
    [...pending.values()].filter((item) => item.kind === kind).map((item) => item.namespace),
  );
  const [only] = namespaces;
  const scope = namespaces.size === 1 && only !== undefined ? { namespace: only } : {};
  while (isPending() && !over.aborted && !signal.aborted) {
    const { items, version } = await cluster.listForWatch(kind, scope);
    items.forEach(see);
    // Deleted before we looked: there is nothing left to wait for.
    const there = new Set(items.map(keyOf));
    for (const [key, item] of pending) if (item.kind === kind && !there.has(key)) pending.delete(key);
    if (kind === 'StatefulSet') await findBlocked(pending, stuck, wait);
    if (!isPending()) return;
    const until = AbortSignal.any([over, signal, AbortSignal.timeout(WATCH_MS)]);
    try {
      for await (const event of cluster.watch(kind, { ...scope, from: version }, until)) {
        if (event.type === 'ERROR') break;
        if (event.type === 'MODIFIED' || event.type === 'ADDED') see(event.object);
        // Deleted meanwhile: there is nothing left to wait for.
        if (event.type === 'DELETED') pending.delete(keyOf(event.object));
        if (!isPending()) return;
      }
    } catch (error) {
      // The watch was cut (by us or on the way), or could not be had now: the next list says what was missed. How long
      // it may go on so is the list's to say, whose tries are bounded.
      if (error instanceof ApiError && !isPassing(error)) throw error;
    }
    await sleep(PAUSE_MS, undefined, { signal: AbortSignal.any([over, signal]) }).catch(() => undefined);
  }
}

function isPassing(error: ApiError): boolean {
  return isUnreachable(error) || isExpired(error) || isTroubled(error);
}

/**
 * StatefulSets whose pods go one after the other, and whose controller waits for one that will never get ready: a pod of
 * an older template that is broken is not replaced by a mended one (kubernetes#67250; M33). Only deleting it helps.
 */
async function findBlocked(
  pending: Map<string, Named>,
  stuck: Finding[],
  { cluster }: Pick<RolloutWait, 'cluster'>,
): Promise<void> {
  for (const [key, { kind, namespace, name }] of [...pending]) {
    if (kind !== 'StatefulSet') continue;
    const object = await cluster.get(kind, name, namespace);
    const labels = Object.entries(object?.spec.selector?.matchLabels ?? {});
    if (object === undefined || object.spec.podManagementPolicy === 'Parallel' || labels.length === 0)
      continue;
    const newest = object.status?.updateRevision;
    const labelSelector = labels.map(([label, value]) => `${label}=${value}`).join(',');
    for await (const pod of cluster.list('Pod', { namespace, labelSelector })) {
      const { metadata } = pod;
      const hash = metadata.labels?.['controller-revision-hash'];
      const isOld = newest !== undefined && hash !== undefined && hash !== newest;
      const problem = problemOfLive(pod);
      if (!isOld || problem === undefined || !pending.delete(key)) continue;
      stuck.push(
        giveUp(
          key,
          `its controller waits for pod ${metadata.name}, which is broken and of an older template (${problem})`,
          `kubectl delete pod ${metadata.name} -n ${namespace}: its controller then makes a new one.`,
        ),
      );
      break;
    }
  }
}

/** Waiting can't help: said at once, with what does. */
function giveUp(object: string, why: string, remedy: string): Finding {
  return {
    id: 'workload-stuck',
    severity: 'error',
    object,
    message: `its rollout can't end: ${why}`,
    remedy: `${remedy} Then run the phase again: it goes on where it stopped.`,
  };
}

async function progress(
  pending: ReadonlyMap<string, Named>,
  messages: ReadonlyMap<string, string>,
  total: number,
  wait: RolloutWait,
): Promise<void> {
  try {
    const shown = [...pending].slice(0, EXPLAINED);
    const reasons = await Promise.all(
      shown.map(
        async ([key, item]) => `${key}: ${(await reasonOf(item, wait)) ?? messages.get(key) ?? 'unknown'}`,
      ),
    );
    wait.log.info(
      `waiting for rollouts: ${String(total - pending.size)} of ${String(total)} are done. ${reasons.join('; ')}`,
    );
  } catch {
    // A line of progress is worth no failure.
  }
}

async function notReady(
  item: Named,
  messages: ReadonlyMap<string, string>,
  index: number,
  wait: RolloutWait,
): Promise<Finding> {
  const reason = index < 20 ? await reasonOf(item, wait).catch(() => undefined) : undefined;
  const progress = messages.get(nameOf(item)) ?? '';
  return {
    id: 'workload-not-ready',
    severity: 'error',
    object: nameOf(item),
    message: `its rollout did not end in time: ${[progress, reason].filter(Boolean).join('; ')}`,
    remedy:
      'Look at its pods. Once the cause is gone, run the phase again: it goes on where it stopped. Or run rollback.',
  };
}

/** What the first pod of a workload that is not ready says. */
async function reasonOf(item: Named, { cluster }: RolloutWait): Promise<string | undefined> {
  const workload = await cluster.get(item.kind, item.name, item.namespace);
  const labels = Object.entries(workload?.spec.selector?.matchLabels ?? {});
  if (labels.length === 0) return undefined;
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  for await (const pod of cluster.list('Pod', { namespace: item.namespace, labelSelector })) {
    const problem = problemOfLive(pod);
    if (problem !== undefined) return `pod ${pod.metadata.name}: ${problem}`;
  }
  return undefined;
}

function problemOfLive(pod: Pod): string | undefined {
  return pod.metadata.deletionTimestamp === undefined ? podProblem(pod) : undefined;
}
