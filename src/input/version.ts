import { Rejection, quote } from '../input-error.ts';
import { deriveRevision, revisionFlaw } from '../istio/revision.ts';
import { type WantedVersion, readWanted } from '../istioctl/newest.ts';
import { parseVersion, tryParseVersion } from '../istio/version.ts';

/** A version of Istio, as Istio writes it; a `v` before it, as in names of releases, is no part of it. Throws a `Rejection`. */
export function readVersion(text: string): string {
  const bare = text.replace(/^v(?=\d)/i, '');
  if (tryParseVersion(bare) !== undefined) return bare;
  const range = /^(latest|v?\d+\.\d+(\.[x*])?)$/i.test(text)
    ? ' A phase that changes something wants to know exactly which: the newest patch is on https://github.com/istio/istio/releases.'
    : '';
  throw new Rejection(
    quote(text),
    `allowed is a whole version such as 1.31.0 or 1.31.0-rc.1.${range}${unquoted(text)}`,
  );
}

/**
 * A version as people write it; undefined for anything else. Throws a `Rejection` for what can only be a minor release
 * whose last zero YAML took (1.10 to 1.40): this Action begins with 1.5.
 */
export function readLoosely(text: string): WantedVersion | undefined {
  if (!/^v?1\.[0-4]$/.test(text)) return readWanted(text);
  throw new Rejection(quote(text), `allowed is a version of three numbers, such as 1.31.0.${unquoted(text)}`);
}

/** What YAML may have done to a version of two numbers. */
function unquoted(text: string): string {
  const [, bare] = /^v?(1\.[1-9])$/.exec(text) ?? [];
  return bare === undefined
    ? ''
    : ` If ${bare}0 was written: YAML reads ${bare}0 without quotes as the number ${bare}, so put it in quotes.`;
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
