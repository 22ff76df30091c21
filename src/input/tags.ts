import { Rejection, quote } from '../input-error.ts';
import { DEFAULT_TAG } from '../istio/names.ts';
import { lines, namesIn } from './lines.ts';
import { DNS_LABEL, isDnsLabel } from './namespaces.ts';

/** A revision tag of the user's. The default one is moved in promote, whatever inputs say. Throws a `Rejection`. */
export function readTag(text: string): string {
  if (text === DEFAULT_TAG) {
    throw new Rejection(quote(text), 'promote moves the default tag by itself, and canary never does.');
  }
  if (isDnsLabel(text)) return text;
  throw new Rejection(quote(text), `allowed is the name of a revision tag: ${DNS_LABEL}.`);
}

/** Revision tags, one a line or with commas between. Throws a `Rejection`. */
export function readTags(text: string): readonly string[] {
  return [...new Set(namesIn(lines(text)).map(readTag))];
}
