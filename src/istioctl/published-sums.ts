/**
 * Sums of istioctl's archives, by `<version>/<os>-<arch>`, known to this Action beforehand: so that a mirror, or whoever
 * changes what is on its way, is not asked for the sum of what it serves itself (issue 12).
 *
 * A row is taken over from the file `istioctl-<version>-<os>-<arch>.tar.gz.sha256` of the release at
 * https://github.com/istio/istio/releases, read from two networks, by a change that somebody else reviews. There is none
 * yet: where this was written, that site could not be reached, and a sum from elsewhere would be worth nothing. Until then
 * the inputs `istioctl-sha256` and `previous-istioctl-sha256` do the same for one release.
 */
const PUBLISHED: Readonly<Record<string, string>> = {};

/** The sum that is known of a release's archive; an own build under a release's version needs the input instead. */
export function publishedSum(
  version: string,
  suffix: string,
  published: Readonly<Record<string, string>> = PUBLISHED,
): string | undefined {
  const key = `${version}/${suffix}`;
  return Object.hasOwn(published, key) ? published[key] : undefined;
}

/** All rows, for the test that holds their form. */
export const PUBLISHED_SUMS: readonly (readonly [string, string])[] = Object.entries(PUBLISHED);
