import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { overlayOf } from './charts.ts';
import { withLock } from './lock.ts';
import { cacheDir, sources } from './place.ts';
import { programs, type Program, type ProgramName } from './program.ts';
import { must, run } from './process.ts';
import { Refusal } from './refusal.ts';
import { versions, type Release } from './release.ts';

/** Paths of the built programs, by name. */
export type Binaries = Readonly<Record<ProgramName, string>>;

/** Builds what is missing and says where everything is. A second caller waits for the first one's builds. */
export async function build(say: (line: string) => void): Promise<Binaries> {
  const go = await goVersion();
  const binaries = Object.fromEntries(
    programs.map((program) => [program.name, pathOf(program, go)]),
  ) as Binaries;
  const missing = programs.filter((program) => !existsSync(binaries[program.name]));
  if (missing.length === 0) return binaries;
  await withLock(
    join(cacheDir(), 'build.lock'),
    (pid) => say(`waiting for the build of process ${pid}`),
    async () => {
      for (const program of missing) await buildOne(program, binaries[program.name], say);
    },
  );
  return binaries;
}

/** The releases that come with the testbed. */
export function builtReleases(binaries: Binaries): Release[] {
  return versions.map((version) => ({
    version,
    istioctl: binaries[`istioctl-${version}`],
    pilot: binaries[`pilot-${version}`],
  }));
}

async function goVersion(): Promise<string> {
  const { code, stdout, stderr } = await run(['go', 'env', 'GOVERSION', 'GOOS', 'GOARCH'], {
    cwd: moduleDir('istio'),
  });
  if (code === 0) return stdout;
  const reason = stderr.includes('ENOENT') ? 'there is no go on PATH' : stderr.trim().split('\n')[0];
  throw new Refusal(
    `The testbed builds its cluster from source and needs Go 1.26 or later (https://go.dev/dl): ${reason}.`,
  );
}

function moduleDir(module: Program['module']): string {
  return join(sources, 'go', module);
}

/** The name tells what a binary was built from, so a change of any of it is another file. */
function pathOf(program: Program, go: string): string {
  const hash = createHash('sha256').update(JSON.stringify([go, program, flagsOf(program)]));
  for (const file of inputsOf(program)) hash.update(basename(file)).update(readFileSync(file));
  return join(cacheDir(), 'bin', `${program.name}-${hash.digest('hex').slice(0, 16)}`);
}

function inputsOf(program: Program): string[] {
  const dir = moduleDir(program.module);
  const modules = ['go.mod', 'go.sum'].map((file) => join(dir, file)).filter(existsSync);
  if (!program.package.startsWith('.')) return modules;
  const own = readdirSync(join(dir, program.package)).filter(
    (file) => file.endsWith('.go') && !file.endsWith('_test.go'),
  );
  return [...modules, ...own.sort().map((file) => join(dir, program.package, file))];
}

function flagsOf(program: Program): string[] {
  return ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${program.stamps ?? ''}`.trim()];
}

async function buildOne(program: Program, target: string, say: (line: string) => void): Promise<void> {
  if (existsSync(target)) return; // built while we waited for the lock
  const started = Date.now();
  say(`building ${program.name}`);
  mkdirSync(join(cacheDir(), 'bin'), { recursive: true });
  const draft = `${target}.${process.pid}`;
  const laid = `${draft}.charts`;
  const module = moduleDir(program.module);
  try {
    const overlay =
      program.charts === undefined
        ? []
        : ['-overlay', await overlayOf(program.charts, module, join(module, program.package), laid)];
    await must(['go', 'build', ...flagsOf(program), ...overlay, '-o', draft, program.package], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' }, // no C compiler needed, and the same result with and without one
    });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
    rmSync(laid, { force: true, recursive: true });
  }
  say(`built ${program.name} in ${Math.round((Date.now() - started) / 1000)} s`);
}
