import { Rejection, quote } from '../input-error.ts';
import { didYouMean } from './nearest.ts';

/** A reader of one of a few words. It throws a `Rejection` that lists them. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined)
      throw new Rejection(quote(text), `allowed: ${words.join(', ')}.${didYouMean(text, words)}`);
    return word;
  };
}

/** Strict, as YAML 1.2 writes booleans: a word that is misspelt must not mean `false`. Throws a `Rejection`. */
export function readBoolean(text: string): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new Rejection(quote(text), 'allowed: true, false.');
}

/** A reader for which the empty text means that nothing was given. */
export function optional<T>(parse: (text: string) => T): (text: string) => T | undefined {
  return (text) => (text === '' ? undefined : parse(text));
}
