import type { CommandResult } from '../process/command.ts';

/** What ended a command before it had ended by itself; undefined where nothing did. */
export function interruptionOf(
  { timedOut, aborted, signal }: CommandResult,
  { timeoutMs }: { readonly timeoutMs: number },
): string | undefined {
  if (timedOut) return `it did not end within ${Math.round(timeoutMs / 1000)} s`;
  if (aborted) return 'it was stopped with this run';
  return signal === null ? undefined : `it was ended by ${signal}`;
}
