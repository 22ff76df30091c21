import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { withLock } from './lock.ts';
import { cacheDir, type Place } from './place.ts';
import type { Release } from './release.ts';

/**
 * Lays out the mirror: `<version>/istioctl-<version>-linux-amd64.tar.gz` with its `.sha256`, as Istio publishes
 * them, and below `corrupt/` the same archives with checksums of something else.
 */
export async function createMirror(place: Place, releases: readonly Release[]): Promise<void> {
  for (const release of releases) {
    const archive = await archiveOf(release);
    const name = `istioctl-${release.version}-linux-amd64.tar.gz`;
    const sum = readFileSync(`${archive}.sha256`, 'utf8').trim();
    publish(join(place.mirror, release.version), archive, name, sum);
    publish(
      join(place.mirror, 'corrupt', release.version),
      archive,
      name,
      createHash('sha256').update(sum).digest('hex'),
    );
  }
}

function publish(dir: string, archive: string, name: string, sum: string): void {
  mkdirSync(dir, { recursive: true });
  symlinkSync(archive, join(dir, name));
  writeFileSync(join(dir, `${name}.sha256`), `${sum} ${name}\n`);
}

/** The archive of one istioctl, made once: the cache knows it by the binary's name, size and time. */
async function archiveOf(release: Release): Promise<string> {
  const { size, mtimeMs } = statSync(release.istioctl);
  const key = createHash('sha256')
    .update(`${release.istioctl} ${size} ${mtimeMs}`)
    .digest('hex')
    .slice(0, 16);
  const dir = join(cacheDir(), 'mirror');
  const archive = join(dir, `${basename(release.istioctl)}-${key}.tar.gz`);
  if (existsSync(archive)) return archive;
  mkdirSync(dir, { recursive: true });
  await withLock(
    `${archive}.lock`,
    () => undefined,
    async () => {
      if (existsSync(archive)) return;
      const bytes = await promisify(gzip)(tarball('istioctl', readFileSync(release.istioctl)), {
        level: constants.Z_BEST_SPEED,
      });
      writeFileSync(`${archive}.draft`, bytes);
      writeFileSync(`${archive}.sha256`, createHash('sha256').update(bytes).digest('hex'));
      renameSync(`${archive}.draft`, archive);
    },
  );
  return archive;
}

const block = 512;

/** A tar archive (ustar) of one executable file. */
function tarball(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0);
  header.write('0000755\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * block)]);
}
