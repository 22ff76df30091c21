import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path';
import { Rejection, quote } from '../input-error.ts';
import { flawOfConfiguration } from './configuration-flaw.ts';
import { lines } from './lines.ts';

/** Absolute paths of the files named, one a line. Throws a `Rejection` that names each that is not there. */
export function readFiles(text: string, cwd: string): string[] {
  const paths = lines(text);
  const missing = paths.filter((path) => !isUsable(resolve(cwd, path), constants.R_OK));
  if (missing.length === 0) return paths.map((path) => resolve(cwd, path));
  throw new Rejection(
    missing.map(quote).join(', '),
    `allowed are paths of files that exist and can be read, one a line, relative to ${cwd}. Is the repository checked out (actions/checkout) in this job?`,
  );
}

/**
 * Absolute paths of configuration files, one a line. Throws a `Rejection` that names each that is not there, or is plainly
 * something else than a configuration.
 *
 * @param begins as for `flawOfConfiguration`
 */
export function readConfigurations(text: string, cwd: string, begins = true): string[] {
  const paths = readFiles(text, cwd);
  const flaws = paths.flatMap((path) => {
    const flaw = flawOfConfiguration(readFileSync(path), begins);
    return flaw === undefined ? [] : [{ path, ...flaw }];
  });
  if (flaws.length === 0) return paths;
  throw new Rejection(
    flaws.map(({ path, is }) => `${quote(relative(cwd, path))}, which ${is}`).join(', and '),
    [...new Set(flaws.map(({ remedy }) => remedy))].join(' '),
  );
}

/** Absolute path of a program: a path as it is, a bare name looked up on the PATH. Throws a `Rejection`. */
export function readProgram(text: string, cwd: string, searchPath: string): string {
  const bare = !isAbsolute(text) && !/[\\/]/.test(text);
  const places = bare ? searchPath.split(delimiter).filter((directory) => directory !== '') : [cwd];
  const found = places
    .map((place) => resolve(cwd, join(isAbsolute(text) ? '' : place, text)))
    .find(isProgram);
  if (found !== undefined) return found;
  throw new Rejection(
    quote(text),
    `${bare ? 'found no such program on the PATH' : `there is no executable file ${resolve(cwd, text)}`}; allowed is a path, or the name of a program on the PATH. Leave it out to have it downloaded.`,
  );
}

function isProgram(path: string): boolean {
  return isUsable(path, constants.X_OK);
}

function isUsable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
