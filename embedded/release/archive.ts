import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** An archive of one executable file `istioctl`, packed as Istio publishes it. */
export interface Archive {
  readonly bytes: Buffer;
  /** In hex. */
  readonly sha256: string;
}

export function archiveOf(program: string): Archive {
  const bytes = gzipSync(tarball('istioctl', Buffer.from(program)), { level: 1 });
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const BLOCK = 512;

/** A tar archive (ustar): one header, the content, filled up to whole blocks, and two empty ones. */
function tarball(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o755, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(0, 11), 136);
  // The checksum counts itself as blanks.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)]);
}
