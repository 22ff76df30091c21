import { Rejection, quote } from '../input-error.ts';
import { DEFAULT_TAG } from '../istio/names.ts';
import { lines, namesIn } from './lines.ts';
import { DNS_LABEL, isDnsLabel } from './namespaces.ts';
import { readBoolean } from './words.ts';

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

/**
 * Whether namespaces are to follow the stable tag. Throws a `Rejection` where that is not one tag.
 *
 * @param stableTags undefined where they could not be read, which has been noted already
 */
export function readAdoptTags(stableTags: readonly string[] | undefined): (text: string) => boolean {
  return (text) => {
    const adopts = readBoolean(text);
    if (!adopts || stableTags === undefined || stableTags.length === 1) return adopts;
    throw new Rejection(
      quote(text),
      'it needs one stable-tags: the tag that namespaces are to follow instead of the revision.',
    );
  };
}
