import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mutation } from '../test/mutants/mutants.ts';

/** Copies what Git knows of the repository to a place of its own, for whoever takes it away. */
export function copyOfRepository(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'istio-upgrade-mutants-'));
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files.filter((path) => path !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/**
 * Takes a protection out of a copy.
 *
 * @returns puts it back
 * @throws where what is to be replaced is not there exactly once
 */
export function mutate(copy: string, { id, file, replaced, by }: Mutation): () => void {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  const parts = source.split(replaced);
  if (parts.length !== 2) throw new Error(`${id}: found ${String(parts.length - 1)} times in ${file}`);
  writeFileSync(path, parts.join(by));
  return () => {
    writeFileSync(path, source);
  };
}
