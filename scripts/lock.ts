import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run lock` fills in the hashes that `npm install` leaves out. When npm writes package-lock.json beside an installed
 * node_modules, it knows nothing of optional packages of other platforms but their versions, and so `npm ci` on such a
 * platform would take whatever it is given. Here those entries are taken out, and npm resolves them anew where no
 * node_modules is. Entries that have their hash stay as they are.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = 'package-lock.json';

/** What is read of the lock here. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}
interface LockEntry {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

/** The paths of the packages that have no hash to be checked against; the repository itself has none. */
export function withoutHash({ packages }: Lock): string[] {
  return Object.entries(packages)
    .filter(([path, { integrity, link }]) => path !== '' && link !== true && integrity === undefined)
    .map(([path]) => path);
}

export function readLock(directory: string = ROOT): Lock {
  return JSON.parse(readFileSync(join(directory, LOCK), 'utf8')) as Lock;
}

function fill(): string[] {
  const lock = readLock();
  const missing = new Set(withoutHash(lock));
  const directory = mkdtempSync(join(tmpdir(), 'istio-upgrade-lock-'));
  try {
    for (const file of ['package.json', '.npmrc']) copyFileSync(join(ROOT, file), join(directory, file));
    const packages = Object.fromEntries(Object.entries(lock.packages).filter(([path]) => !missing.has(path)));
    writeFileSync(join(directory, LOCK), JSON.stringify({ ...lock, packages }));
    const { status } = spawnSync(
      'npm',
      ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: directory, stdio: 'inherit' },
    );
    const left = withoutHash(readLock(directory));
    if (status !== 0 || left.length > 0)
      throw new Error(`no hash for ${left.join(', ') || 'any: npm failed'}`);
    copyFileSync(join(directory, LOCK), join(ROOT, LOCK));
    return [...missing];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${fill().length} hashes filled in.\n`);
