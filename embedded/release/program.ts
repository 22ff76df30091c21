import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = join(ROOT, 'embedded', 'istioctl');
const CACHE = join(ROOT, 'node_modules', '.cache', 'embedded-istioctl');

/** For a shell: in single quotes, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The stand-in for istioctl of a version, as an executable file. For a shell it is two lines, which run the same file
 * with the Node that runs now; for Node the first is a comment, the second a text, and the program follows.
 */
export function programOf(version: string): string {
  return `#!/bin/sh
':' //; exec ${quoted(process.execPath)} "$0" ${version} "$@"
// Not istioctl, but what stands in for it on the embedded cluster.
${readFileSync(bundle(), 'utf8')}`;
}

/** Path of the program in one file: it starts in a third of the time. Made once for these sources. */
function bundle(): string {
  const files = globSync('*.ts', { cwd: SOURCES }).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCES, file)));
  const path = join(CACHE, `${hash.digest('hex').slice(0, 16)}.cjs`);
  try {
    readFileSync(path);
  } catch {
    mkdirSync(CACHE, { recursive: true });
    const draft = `${path}.${process.pid}`;
    rolldown([
      '--platform',
      'node',
      '--format',
      'cjs',
      '--minify',
      '--file',
      draft,
      join(SOURCES, 'main.ts'),
    ]);
    renameSync(draft, path);
  }
  return path;
}

/** In a process of its own, whatever this one is: jest's modules can't load it. */
function rolldown(args: readonly string[]): void {
  const manifest = createRequire(import.meta.url).resolve('rolldown/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { rolldown: string } };
  execFileSync(process.execPath, [join(dirname(manifest), bin.rolldown), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
