/** The last bytes of a stream, so that a program that never stops talking can't fill our memory. */
export class Tail {
  private readonly chunks: Buffer[] = [];
  private readonly maxBytes: number;
  private bytes = 0;
  /** Whether the beginning was dropped. */
  truncated = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    while (this.bytes > this.maxBytes) this.dropFrom(this.chunks[0] ?? Buffer.alloc(0));
  }

  /** What was kept, decoded as UTF-8. */
  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  private dropFrom(first: Buffer): void {
    const surplus = Math.min(this.bytes - this.maxBytes, first.length);
    this.truncated = true;
    this.bytes -= surplus;
    if (surplus === first.length) this.chunks.shift();
    else this.chunks[0] = first.subarray(surplus);
  }
}
