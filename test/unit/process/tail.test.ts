import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tail } from '../../../src/process/tail.ts';

/** What a tail keeps of a text that comes in pieces of so many bytes. */
function kept(text: string, size: number, maxBytes: number): Tail {
  const tail = new Tail(maxBytes);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) tail.add(bytes.subarray(at, at + size));
  return tail;
}

test('what comes in pieces is whole, also where a piece ends within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 7 }), (text, size) => {
      expect(kept(text, size, 1e6).text()).toBe(text);
    }),
  );
});

test('of what is too long the end is kept, to the byte', () => {
  const tail = kept('0123456789', 3, 4);
  expect(tail.text()).toBe('6789');
  expect(tail.truncated).toBe(true);
  expect(kept('0123', 3, 4).truncated).toBe(false);
});
