import { Rejection, quote } from '../input-error.ts';

/** A sha256 in hex, in small letters. Throws a `Rejection`. */
export function readSha256(text: string): string {
  const sum = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(sum)) return sum;
  throw new Rejection(quote(text), 'allowed is a sha256 in hex: 64 of the characters 0-9 and a-f.');
}
