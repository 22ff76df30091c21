/** Runs work, and tells of it while it waits. */
export type Waiting = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** How often a server that does not answer is told of, in milliseconds (issue 11). */
const EVERY_MS = 10_000;

/**
 * Tells every 10 s of what is waited for longest, so that a server that never answers is no silence in the log. One line
 * for all that wait at the same time.
 *
 * @param tell undefined: nobody listens
 */
export function createWaiting(
  server: string,
  tell: ((line: string) => void) | undefined,
  everyMs = EVERY_MS,
): Waiting {
  if (tell === undefined) return (_what, work) => work();
  const pending = new Set<{ readonly what: string; readonly since: number }>();
  let timer: NodeJS.Timeout | undefined;
  const say = (): void => {
    const late = [...pending].filter(({ since }) => Date.now() - since >= everyMs * 0.9);
    const [oldest] = late;
    if (oldest === undefined) return;
    const seconds = Math.round((Date.now() - oldest.since) / 1000);
    const more = late.length > 1 ? `, and ${late.length - 1} more` : '';
    tell(`still waiting for ${server}: ${oldest.what} (${seconds} s${more})`);
  };
  return async (what, work) => {
    const own = { what, since: Date.now() };
    pending.add(own);
    timer ??= setInterval(say, everyMs).unref();
    try {
      return await work();
    } finally {
      pending.delete(own);
      if (pending.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    }
  };
}
