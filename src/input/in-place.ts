import { Rejection, quote } from '../input-error.ts';
import { lines } from './lines.ts';
import { readRevision, revisionOf } from './version.ts';

/** So many keys at most: who has lost more has given the wrong file. */
const KEYS = 200;

/** An input of `strategy: revision`: in place, anything that is not its default would be passed over in silence. */
export function besideOnly<T>(inPlace: boolean, read: (text: string) => T): (text: string) => T {
  return (text) => {
    if (inPlace && text !== '' && text !== 'false') {
      throw new Rejection(quote(text), 'this input is of strategy: revision; leave it out in place.');
    }
    return read(text);
  };
}

/** An input of `strategy: in-place`. */
export function inPlaceOnly<T>(inPlace: boolean, read: (text: string) => T): (text: string) => T {
  return (text) => {
    if (!inPlace && text !== '' && text !== 'false') {
      throw new Rejection(quote(text), 'this input is of strategy: in-place; leave it out otherwise.');
    }
    return read(text);
  };
}

/** The target's revision: given, or derived from the version. In place there is none: it is the one that is there. */
export function revisionFor(inPlace: boolean, version: string | undefined): (text: string) => Named {
  return besideOnly(inPlace, (text) => {
    if (inPlace) return { revision: undefined };
    return text === ''
      ? { revision: revisionOf(version) }
      : { revision: readRevision(text), revisionGiven: true };
  });
}

/** The target revision, and whether somebody gave it: what was derived only guesses. */
interface Named {
  readonly revision: string | undefined;
  readonly revisionGiven?: true;
}

/** Keys of configuration, a line each, as findings name them. */
export function readAcknowledged(text: string): string[] {
  const keys = lines(text);
  if (keys.length <= KEYS) return keys;
  throw new Rejection(`${String(keys.length)} lines`, `at most ${String(KEYS)} keys.`);
}
