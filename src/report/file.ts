import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from './report.ts';

/** Path of the report in a directory. */
export function reportPath(directory: string): string {
  return join(directory, 'report.json');
}

/**
 * Writes the whole report; a reader sees the last one or this one, never half of it. Synchronous, because it is also
 * called in the seconds left to a run that was cancelled. Throws what the file system says.
 */
export function writeReport(report: Report, directory: string): void {
  const path = reportPath(directory);
  writeFileSync(`${path}.new`, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * Replaces the job summary of this step: it is written anew after every step of the phase. Throws what the file system
 * says.
 *
 * @param path of the file, `GITHUB_STEP_SUMMARY`; old runners and other machines have none, and then nothing is written
 */
export function writeSummary(markdown: string, path: string | undefined): void {
  if (path !== undefined && path !== '') writeFileSync(path, markdown);
}
