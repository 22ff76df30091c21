import type { CommandResult } from '../process/command.ts';
import { cutLogLines, lastWords, proseLines } from './output.ts';
import type { Unreadable } from './reading.ts';

/** YAML of all objects, for `parseManifest`. */
export interface RenderedManifest {
  readonly readable: true;
  readonly yaml: string;
  /** What it said on stderr beside: what it warns of, line by line, without secrets. */
  readonly warnings: readonly string[];
}

/** Reads what `manifest generate` printed. Nothing at all is no manifest, whatever the exit code. */
export function readManifest({ code, stdout, stderr }: CommandResult): RenderedManifest | Unreadable {
  const yaml = cutLogLines(stdout);
  if (code === 0 && yaml.trim() !== '') return { readable: true, yaml, warnings: warningsIn(stderr) };
  return { readable: false, reason: lastWords({ stdout: '', stderr }) || 'it rendered nothing' };
}

/** Prose on stderr; log lines and blanks are none. */
function warningsIn(stderr: string): string[] {
  return stderr
    .split('\n')
    .flatMap(proseLines)
    .map((line) => line.replace(/^[!✘\s]+/u, '').trim())
    .filter((line) => line !== '');
}
