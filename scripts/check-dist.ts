import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run check-dist`: builds anew, and compares with dist byte by byte. What runs on GitHub is dist, not src. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

function build(directory: string): void {
  const rolldown = join(ROOT, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  const { status, stderr } = spawnSync(
    process.execPath,
    [rolldown, '-c', 'rolldown.config.mjs', '--dir', directory],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the build fails:\n${stderr}`);
}

function files(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

/** Names of the files that are not the same in both. */
function differences(fresh: string): string[] {
  const names = new Set([...files(DIST), ...files(fresh)]);
  const read = (directory: string, name: string): Buffer | undefined =>
    existsSync(join(directory, name)) ? readFileSync(join(directory, name)) : undefined;
  return [...names].filter((name) => {
    const [committed, built] = [read(DIST, name), read(fresh, name)];
    return committed === undefined || built === undefined || !committed.equals(built);
  });
}

const fresh = mkdtempSync(join(tmpdir(), 'istio-upgrade-dist-'));
try {
  build(fresh);
  const different = differences(fresh);
  if (different.length > 0) {
    process.stderr.write(
      `dist is stale: ${different.join(', ')} ${different.length === 1 ? 'is' : 'are'} not what src builds. Run npm run build and commit dist.\n`,
    );
    process.exitCode = 1;
  } else process.stdout.write(`dist is what src builds (${files(fresh).length} files).\n`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
