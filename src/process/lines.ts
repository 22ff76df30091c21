import { StringDecoder } from 'node:string_decoder';

/** A line longer than this, in characters, is given out in pieces. */
const MAX_LINE = 64 * 1024;

/** Cuts a stream of bytes into lines; a character that two chunks share stays whole. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly emit: (line: string) => void;
  private rest = '';

  constructor(emit: (line: string) => void) {
    this.emit = emit;
  }

  add(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.emit(line.replace(/\r$/, ''));
    while (this.rest.length > MAX_LINE) {
      this.emit(this.rest.slice(0, MAX_LINE));
      this.rest = this.rest.slice(MAX_LINE);
    }
  }

  /** Gives out what came after the last line break. */
  end(): void {
    const last = this.rest + this.decoder.end();
    this.rest = '';
    if (last !== '') this.emit(last);
  }
}
