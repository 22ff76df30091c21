import { performance } from 'node:perf_hooks';

/** What was seen less than this ago, in milliseconds, is what is there, as long as this run has changed nothing since. */
const RECENT_MS = 5_000;

/** Something of the cluster as it was seen last, and how to look anew. */
export interface Glance<T> {
  /** Looks now. */
  now(): Promise<T>;
  /** What was seen last, where that still counts; looks now where it does not. */
  recent(): Promise<T>;
  /** What was seen last, where that still counts; asks nobody. */
  seen(): { readonly value: T } | undefined;
  /** Nothing that was seen until now counts any more, because this run changes something, or has waited its turn. */
  outdate(): void;
}

/**
 * @param look reads it from the cluster
 * @param clock milliseconds that never go back
 */
export function glance<T>(look: () => Promise<T>, clock = (): number => performance.now()): Glance<T> {
  let last: { readonly value: T; readonly from: number; readonly to: number } | undefined;
  let outdatedAt = -Infinity;
  const seen = (): { readonly value: T } | undefined =>
    last !== undefined && last.from > outdatedAt && clock() - last.to < RECENT_MS ? last : undefined;
  const now = async (): Promise<T> => {
    const from = clock();
    const value = await look();
    last = { value, from, to: clock() };
    return value;
  };
  return {
    now,
    recent: async () => {
      const found = seen();
      return found === undefined ? now() : found.value;
    },
    seen,
    outdate: () => {
      outdatedAt = clock();
    },
  };
}
