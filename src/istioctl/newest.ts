import { type Version, parseVersion, tryParseVersion } from '../istio/version.ts';
import { type Platform, assetUrl } from './release-asset.ts';

/** A version as people write it: a whole one, the newest patch of a minor release, or the newest of all. */
export type WantedVersion =
  | { readonly kind: 'whole'; readonly version: Version }
  | { readonly kind: 'minor'; readonly major: number; readonly minor: number }
  | { readonly kind: 'latest' };

/** Whether the release place has something; a rejection means that it could not be asked. */
export type Offers = (url: string) => Promise<boolean>;

/** How many numbers that are not there are passed before it counts as the end: patches are now and then left out. */
const GAP = 2;
/** No minor release has had nearly as many patches, and Istio 1.x never as many minors ahead of what runs. */
const MOST_PATCHES = 60;
const MOST_MINORS = 20;

/** Reads `1.31.0`, `v1.31.0`, `1.31`, `1.31.x` and `latest`; undefined for anything else. */
export function readWanted(text: string): WantedVersion | undefined {
  if (/^latest$/i.test(text)) return { kind: 'latest' };
  const bare = text.replace(/^[vV](?=\d)/, '');
  const version = tryParseVersion(bare);
  if (version !== undefined) return { kind: 'whole', version };
  const [, major, minor] = /^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})(?:\.[xX*])?$/.exec(bare) ?? [];
  return major === undefined ? undefined : { kind: 'minor', major: Number(major), minor: Number(minor) };
}

/** What newest releases are looked for with. */
export interface NewestQuery extends Platform {
  readonly baseUrl: string;
  /** A minor release that is known to be there, such as that of what runs: `latest` looks upwards from it. */
  readonly from: { readonly major: number; readonly minor: number };
  readonly offers: Offers;
}

/**
 * The newest release that the release place offers of what is wanted. GitHub's releases and plain mirrors have no list
 * in common, but both have the checksum beside each archive, so patches are tried upwards until two in a row are
 * missing; pre-releases are never chosen. At most some tens of small questions, one after the other.
 *
 * @returns undefined where it offers none
 * @throws what `offers` rejects with, UnsupportedPlatform
 */
export async function newestOf(wanted: WantedVersion, query: NewestQuery): Promise<Version | undefined> {
  if (wanted.kind === 'whole') return wanted.version;
  if (wanted.kind === 'minor') return newestPatch(wanted, query);
  const { major, minor } = query.from;
  let newest: Version | undefined;
  let gap = 0;
  for (let step = 0; step < MOST_MINORS && gap < GAP; step += 1) {
    const found = await newestPatch({ major, minor: minor + step }, query);
    gap = found === undefined ? gap + 1 : 0;
    newest = found ?? newest;
  }
  return newest;
}

async function newestPatch(
  { major, minor }: { major: number; minor: number },
  query: NewestQuery,
): Promise<Version | undefined> {
  let newest: Version | undefined;
  let gap = 0;
  for (let patch = 0; patch < MOST_PATCHES && gap < GAP; patch += 1) {
    const version = parseVersion(`${String(major)}.${String(minor)}.${String(patch)}`);
    const there = await query.offers(`${assetUrl(query.baseUrl, version, query)}.sha256`);
    gap = there ? 0 : gap + 1;
    if (there) newest = version;
  }
  return newest;
}
