import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const BLOCK = 512;
/** Bytes that are unpacked at once: with fewer a program of 100 MB takes twice the time, with more the memory of what is written already is given back too late. */
const CHUNK = 64 * 1024;
/** istioctl has about 100 MB. An archive can promise any size. */
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Takes one regular file out of a `.tar.gz`, and nothing else that it may hold: no link, no directory, no other name. No
 * program is started for it.
 *
 * @returns the file's sha256, in hex; undefined where the archive does not hold it, also for what is no archive
 */
export async function unpackOne(archive: string, name: string, dest: string): Promise<string | undefined> {
  const file = await open(dest, 'wx', 0o700);
  try {
    const reader = new TarReader(name, file);
    const read = createReadStream(archive, { highWaterMark: CHUNK });
    await pipeline(read, createGunzip({ chunkSize: CHUNK }), async (chunks: AsyncIterable<Buffer>) => {
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > 2 * MAX_BYTES) throw new Error('the archive unpacks to more than a release has');
        await reader.take(chunk);
      }
    });
    return reader.sha256;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Goes through the blocks of a tar: a header of 512 bytes, then as many blocks as its size needs. */
class TarReader {
  /** Of the file, once it was written whole. */
  sha256: string | undefined;
  private readonly hash = createHash('sha256');
  private readonly name: string;
  private readonly file: FileHandle;
  private rest: Buffer = Buffer.alloc(0);
  /** Bytes of the present file that are still to come, and of the padding behind it. */
  private left = 0;
  private padding = 0;
  private wanted = false;

  constructor(name: string, file: FileHandle) {
    this.name = name;
    this.file = file;
  }

  async take(chunk: Buffer): Promise<void> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.rest.length > 0) {
      if (this.left > 0) await this.takeContent();
      else if (this.padding > 0) this.padding -= this.cut(this.padding).length;
      else if (this.rest.length >= BLOCK) this.takeHeader(this.cut(BLOCK));
      else return;
    }
  }

  private async takeContent(): Promise<void> {
    const part = this.cut(this.left);
    if (this.wanted) {
      this.hash.update(part);
      await this.file.writeFile(part);
    }
    this.left -= part.length;
    if (this.left === 0 && this.wanted) [this.sha256, this.wanted] = [this.hash.digest('hex'), false];
  }

  private takeHeader(header: Buffer): void {
    const text = (from: number, to: number): string =>
      header
        .subarray(from, to)
        .toString('latin1')
        .replace(/\0[\s\S]*$/, '')
        .trim();
    const size = Number.parseInt(text(124, 136) || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_BYTES) throw new Error('no size');
    const isFile = ['', '0'].includes(text(156, 157));
    const name = text(0, 100).replace(/^\.\//, '');
    this.wanted =
      isFile && name === this.name && text(345, 500) === '' && this.sha256 === undefined && size > 0;
    this.left = size;
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK;
  }

  private cut(length: number): Buffer {
    const part = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(part.length);
    return part;
  }
}
