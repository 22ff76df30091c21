import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AcquireError } from './acquire-error.ts';
import { type DownloadDeps, download, isMissing, remedyFor } from './download.ts';
import type { Offers } from './newest.ts';

/** A checksum is some hundred bytes. */
const LIMITS = { idleMs: 15_000, pauseMs: 1_000, maxBytes: 4_096 } as const;

/**
 * Asks a release place whether it has a file, by fetching it: for the small ones beside the archives. Anything but the file
 * or "there is none" is no answer, and is thrown as `AcquireError`, or as the signal's reason.
 */
export function offersOf(deps: DownloadDeps & { readonly tempDir: string }): Offers {
  return async (url) => {
    const dir = await mkdtemp(join(deps.tempDir, 'offers-'));
    try {
      await download(url, join(dir, 'file'), LIMITS, deps);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      deps.signal.throwIfAborted();
      throw new AcquireError(
        `which versions there are could not be asked: ${url}: ${error instanceof Error ? error.message : String(error)}`,
        remedyFor(
          error,
          'Give a whole version such as 1.31.0, or check the input istioctl-base-url and the way there.',
        ),
        { cause: error },
      );
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };
}
