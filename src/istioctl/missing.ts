import { type Version, minorOf } from '../istio/version.ts';
import type { CommandResult } from '../process/command.ts';
import type { CommandLine, Missing } from './argv.ts';

/** istioctl's own exit code for a command or a flag that it does not know. */
const UNKNOWN_COMMAND = 64;

/** Whether there is no such command. */
export function isMissing(line: CommandLine): line is Missing {
  return 'missing' in line;
}

/** How a command that istioctl of a version does not have ends: as it would have said itself, and nothing was run. */
export function missingResult(version: Version, { missing }: Missing): CommandResult {
  return {
    code: UNKNOWN_COMMAND,
    signal: null,
    stdout: '',
    stderr: `Error: istioctl ${minorOf(version)} can't do that: ${missing}`,
    timedOut: false,
    aborted: false,
    truncated: false,
    durationMs: 0,
  };
}
