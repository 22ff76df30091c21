import { Rejection, quote } from '../input-error.ts';
import { deriveRevision, revisionFlaw } from '../istio/revision.ts';
import { parseVersion, tryParseVersion } from '../istio/version.ts';

/** A version of Istio, as Istio writes it. Throws a `Rejection`. */
export function readVersion(text: string): string {
  if (tryParseVersion(text) !== undefined) return text;
  const bare = text.replace(/^v/, '');
  const hint = bare !== text && tryParseVersion(bare) !== undefined ? ` Leave out the v: ${bare}.` : '';
  const range = /^(latest|v?\d+\.\d+(\.[x*])?)$/i.test(text)
    ? ' A phase that changes something wants to know exactly which: the newest patch is on https://github.com/istio/istio/releases.'
    : '';
  throw new Rejection(
    quote(text),
    `allowed is a whole version such as 1.31.0 or 1.31.0-rc.1.${hint}${range}`,
  );
}

/** The name of a revision that can be installed. Throws a `Rejection`. */
export function readRevision(text: string): string {
  const flaw = revisionFlaw(text);
  if (flaw === undefined) return text;
  throw new Rejection(quote(text), `${flaw}.`);
}

/** The revision that is named after a version; undefined without one. Throws a `Rejection` where the name cannot be used. */
export function revisionOf(version: string | undefined): string | undefined {
  return version === undefined ? undefined : readRevision(deriveRevision(parseVersion(version)));
}
