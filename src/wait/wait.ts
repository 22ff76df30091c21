import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';

/** How often a long wait says what it waits for. */
export const PROGRESS_MS = 10_000;

/** What is nearly there is seen at once; what takes minutes is asked for no more often than this. */
const LONGEST_MS = 10_000;

/** The last look says what is wrong, so it has time of its own: at most this, and a quarter of what there is. */
const LAST_LOOK_MS = 15_000;

/** How long to wait of the time that there is, in milliseconds, where a last look comes after it. */
export function beforeLastLook(remainingMs: number): number {
  return remainingMs - Math.min(LAST_LOOK_MS, remainingMs / 4);
}

/** What a probe sees: done, or what is still missing. */
export type Probe<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly waiting: string };

export interface WaitOptions {
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** First pause between two looks, in milliseconds; it grows to ten seconds. */
  readonly intervalMs: number;
}

/**
 * Looks until a probe is done, saying every 10 s what is missing.
 *
 * @returns the value, or what was still missing when the time was up
 */
export async function waitFor<T>(
  probe: () => Promise<Probe<T>>,
  { what, timeoutMs, signal, log, intervalMs }: WaitOptions,
): Promise<Probe<T>> {
  const startedAt = Date.now();
  let saidAt = startedAt;
  for (let pause = intervalMs; ; pause = Math.min(pause * 1.5, LONGEST_MS)) {
    signal.throwIfAborted();
    const seen = await probe();
    const now = Date.now();
    if (seen.done || now + pause - startedAt > timeoutMs) return seen;
    if (now - saidAt >= PROGRESS_MS - pause) {
      saidAt = now;
      log.info(`${what}, ${String(Math.round((now - startedAt) / 1000))} s: ${seen.waiting}`);
    }
    await sleep(pause, undefined, { signal });
  }
}
