import { StringDecoder } from 'node:string_decoder';

/**
 * The last bytes of a stream, so that a program that never stops talking can't fill our memory. They are kept as text
 * from the first: as bytes and as text a long answer would be held twice when it is read (issue 15).
 */
export class Tail {
  private readonly decoder = new StringDecoder('utf8');
  private readonly parts: string[] = [];
  private readonly maxBytes: number;
  private bytes = 0;
  /** Whether the beginning was dropped. */
  truncated = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.keep(this.decoder.write(chunk));
  }

  /** What was kept, decoded as UTF-8. Nothing may be added after it. */
  text(): string {
    this.keep(this.decoder.end());
    return this.parts.join('');
  }

  private keep(part: string): void {
    this.parts.push(part);
    this.bytes += Buffer.byteLength(part);
    while (this.bytes > this.maxBytes) this.dropFrom(Buffer.from(this.parts.shift() ?? ''));
  }

  private dropFrom(first: Buffer): void {
    const surplus = Math.min(this.bytes - this.maxBytes, first.length);
    this.truncated = true;
    this.bytes -= surplus;
    if (surplus < first.length) this.parts.unshift(first.toString('utf8', surplus));
  }
}
