import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from '../../../src/process/lines.ts';

function split(chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.add(Buffer.from(chunk));
  splitter.end();
  return lines;
}

test('lines are whole wherever the chunks are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab✔]{1,9}$/), { minLength: 1 }), fc.nat(), (lines, at) => {
      const text = lines.join('\n');
      const cut = at % text.length;
      expect(split([text.slice(0, cut), text.slice(cut)])).toEqual(lines);
    }),
  );
});

test('of an endless line the beginning is given, and no second piece in which half a secret could be', () => {
  const secret = 'hunter2-very-secret';
  const long = 'x'.repeat(64 * 1024 - 5) + secret + 'y'.repeat(100_000);
  for (const chunks of [
    [long],
    [long.slice(0, 70_000), long.slice(70_000)],
    [...(long.match(/.{1,9999}/g) ?? [])],
  ]) {
    const lines = split([...chunks, '\nnext\n']);
    expect(lines.map(({ length }) => length)).toEqual([64 * 1024, 4]);
    expect(lines[1]).toBe('next');
  }
});
