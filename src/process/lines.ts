import { StringDecoder } from 'node:string_decoder';

/** Of a longer line, in characters, the rest is dropped: given out in pieces, a secret at the cut would not be found. */
const MAX_LINE = 64 * 1024;

/** Cuts a stream of bytes into lines; a character that two chunks share stays whole. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly emit: (line: string) => void;
  private rest = '';
  /** The beginning of this line was given out already. */
  private dropping = false;

  constructor(emit: (line: string) => void) {
    this.emit = emit;
  }

  add(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      this.give(line.replace(/\r$/, ''));
      this.dropping = false;
    }
    if (this.rest.length > MAX_LINE) {
      this.give(this.rest);
      this.rest = '';
      this.dropping = true;
    }
  }

  /** Gives out what came after the last line break. */
  end(): void {
    const last = this.rest + this.decoder.end();
    this.rest = '';
    if (last !== '') this.give(last);
  }

  private give(line: string): void {
    if (!this.dropping) this.emit(line.slice(0, MAX_LINE));
  }
}
