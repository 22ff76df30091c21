import { setTimeout as sleep } from 'node:timers/promises';

/** A busy machine takes its time; what takes longer has gone wrong. */
const LONGEST_MS = 90_000;
const INTERVAL_MS = 250;

/** Waits until something is so, which says what is missing until then. */
export async function until(what: string, missing: () => Promise<string | undefined>): Promise<void> {
  const end = Date.now() + LONGEST_MS;
  for (;;) {
    const left = await missing();
    if (left === undefined) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${left}`);
    await sleep(INTERVAL_MS);
  }
}
