import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, isExpired, isTroubled, isUnreachable } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { WorkloadObject } from '../cluster/objects.ts';
import type { WorkloadKind } from '../istio/mesh.ts';

/** A watch that was cut or refused is not opened anew at once: whoever cuts it may do so for a while. */
const PAUSE_MS = 1_000;
/** A watch that has been silent so long is opened anew: the far end may be gone without a word. */
const SILENT_MS = 60_000;

/** Who is told what the workloads of one kind are like. */
export interface Listener {
  /** All that there are, when they are listed. */
  readonly all: (items: readonly WorkloadObject[]) => void;
  /** One that has come or changed. */
  readonly one: (item: WorkloadObject) => void;
  /** One that is deleted. */
  readonly gone: (item: WorkloadObject) => void;
}

/**
 * Lists the workloads of one kind and watches them, over and over as watches end, until it is over. One list and one watch
 * serve all that are waited for, however many there are (issue 15).
 *
 * @param namespace undefined: of all
 * @throws what no waiting will mend
 */
export async function feed(
  kind: WorkloadKind,
  namespace: string | undefined,
  { cluster, over, listener }: { cluster: Cluster; over: AbortSignal; listener: Listener },
): Promise<void> {
  const scope = namespace === undefined ? {} : { namespace };
  while (!over.aborted) {
    const { items, version } = await cluster.listForWatch(kind, scope);
    listener.all(items);
    // Whoever waited may be through with it, and closes: then there is nothing to watch.
    await sleep(0, undefined, { signal: over }).catch(() => undefined);
    const silence = silenceAfter(SILENT_MS);
    const until = AbortSignal.any([over, silence.signal]);
    try {
      until.throwIfAborted();
      for await (const event of cluster.watch(kind, { ...scope, from: version }, until)) {
        silence.broken();
        if (event.type === 'ERROR') break;
        if (event.type === 'MODIFIED' || event.type === 'ADDED') listener.one(event.object);
        if (event.type === 'DELETED') listener.gone(event.object);
        if (until.aborted) break;
      }
    } catch (error) {
      // The watch was cut (by us or on the way), or could not be had now: the next list says what was missed. How long
      // it may go on so is the list's to say, whose tries are bounded.
      if (error instanceof ApiError && !isPassing(error)) throw error;
    } finally {
      silence.over();
    }
    await sleep(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

/** A signal that fires when nothing was heard for so long. */
function silenceAfter(ms: number): { signal: AbortSignal; broken: () => void; over: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return {
    signal: controller.signal,
    broken: () => timer.refresh(),
    over: () => clearTimeout(timer),
  };
}

function isPassing(error: ApiError): boolean {
  return isUnreachable(error) || isExpired(error) || isTroubled(error);
}
