import * as core from '@actions/core';

/** What `main` leaves for `post`. */
const TEMP_DIRECTORY = 'tempDirectory';

/** To be saved before the directory exists: a run may be killed at any time after. */
export function saveTempDirectory(path: string): void {
  core.saveState(TEMP_DIRECTORY, path);
}

/** Empty where `main` did not get that far. */
export function savedTempDirectory(): string {
  return core.getState(TEMP_DIRECTORY);
}
