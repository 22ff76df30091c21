import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A new directory, which is gone after the tests of the file that asked for it. */
export function scratch(title: string): string {
  const path = mkdtempSync(join(tmpdir(), `${title}-`));
  made.push(path);
  return path;
}
