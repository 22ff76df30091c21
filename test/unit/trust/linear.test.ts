import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** 1 MB takes a quadratic pattern more than five minutes, and a linear one some milliseconds; on any machine that is far apart. */
const WATCHDOG_MS = 240_000;
/** As long as a quadratic pattern is watched not to come through: long enough for a linear one on a slow machine. */
const LONG_ENOUGH_MS = 10_000;

/** Lines that the program has said until it ended, or until it was ended. */
function workedThrough(args: readonly string[], watchdogMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'linear-work.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: watchdogMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(said.trim().split('\n'))));
}

/**
 * No text from the cluster can stop the run (issue 12). A pattern that begins anew at each place of a long text takes
 * minutes for 1 MB, and meanwhile no signal is heard.
 */
test(
  'each function that texts from the cluster pass comes through 1 MB of each hostile form',
  async () => {
    const said = await workedThrough([], WATCHDOG_MS);
    // The last one named is the last that came through.
    expect(said.at(-1)).toBe('all');
  },
  WATCHDOG_MS + 10_000,
);

test(
  'a pattern that is quadratic does not',
  async () => {
    expect(await workedThrough(['quadratic'], LONG_ENOUGH_MS)).toEqual(['']);
  },
  LONG_ENOUGH_MS + 10_000,
);
