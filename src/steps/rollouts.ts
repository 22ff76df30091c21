import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
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
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort();
  }, wait.timeoutMs);
  const ticker = setInterval(() => {
    void progress(pending, messages, workloads.length, wait);
  }, PROGRESS_MS);
  try {
    await Promise.all(
      WORKLOAD_KINDS.filter((kind) => workloads.some((item) => item.kind === kind)).map((kind) =>
        follow(kind, pending, messages, wait, over.signal),
      ),
    );
    wait.signal.throwIfAborted();
    if (pending.size === 0) return [];
    return await Promise.all(
      [...pending.values()].map((item, index) => notReady(item, messages, index, wait)),
    );
  } finally {
    clearTimeout(timer);
    clearInterval(ticker);
    over.abort();
  }
}

/** Lists one kind and watches it until nothing of it is pending, over and over as watches end. */
async function follow(
  kind: WorkloadKind,
  pending: Map<string, Named>,
  messages: Map<string, string>,
  { cluster, signal }: RolloutWait,
  over: AbortSignal,
): Promise<void> {
  const isPending = (): boolean => [...pending.values()].some((item) => item.kind === kind);
  const see = (item: Parameters<typeof rolloutOf>[1]): void => {
    const key = nameOf({ kind, namespace: item.metadata.namespace ?? '', name: item.metadata.name });
    if (!pending.has(key)) return;
    const rollout = rolloutOf(kind, item);
    if (rollout.done) pending.delete(key);
    else messages.set(key, rollout.message);
  };
  const namespaces = new Set(
    [...pending.values()].filter((item) => item.kind === kind).map((item) => item.namespace),
  );
  const [only] = namespaces;
  const scope = namespaces.size === 1 && only !== undefined ? { namespace: only } : {};
  while (isPending() && !over.aborted && !signal.aborted) {
    const { items, version } = await cluster.listForWatch(kind, scope);
    items.forEach(see);
    if (!isPending()) return;
    const until = AbortSignal.any([over, signal, AbortSignal.timeout(WATCH_MS)]);
    try {
      for await (const event of cluster.watch(kind, { ...scope, from: version }, until)) {
        if (event.type === 'ERROR') break;
        if (event.type === 'MODIFIED' || event.type === 'ADDED') see(event.object);
        // Deleted meanwhile: there is nothing left to wait for.
        if (event.type === 'DELETED') {
          pending.delete(
            nameOf({
              kind,
              namespace: event.object.metadata.namespace ?? '',
              name: event.object.metadata.name,
            }),
          );
        }
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
