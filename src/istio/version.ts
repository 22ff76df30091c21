import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

/** A release of Istio or of a vendor's Istio, such as `1.31.0`, `1.31.0-rc.1` or `1.31.0-solo`. */
export interface Version {
  /** As Istio writes it, without a `v`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Not for production: alpha, beta, rc, nightly or dev. A vendor's suffix makes none (F05). */
  readonly prerelease: boolean;
  /** The release of Istio that it is, without what a vendor added: `1.31.0` for `1.31.0-asm.4`. */
  readonly release: string;
}

/** The text is not the version of a release. */
export class InvalidVersion extends Error {
  override readonly name = 'InvalidVersion';

  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, 60))} is not a version of Istio such as 1.31.0 or 1.31.0-rc.1`);
  }
}

/** @throws InvalidVersion for anything but a whole version: no `v`, no range, no build metadata, no blanks. */
export function parseVersion(text: string): Version {
  const version = tryParseVersion(text);
  if (version === undefined) throw new InvalidVersion(text);
  return version;
}

/** Like `parseVersion`, for text from a cluster or a program, where junk is to be expected. */
export function tryParseVersion(text: string): Version | undefined {
  const parsed = parse(text);
  // semver forgives a leading `v` or `=`, blanks and build metadata; a URL and a file name do not.
  if (parsed?.version !== text) return undefined;
  const { major, minor, patch } = parsed;
  const named = releaseOf(text);
  // Cut off before a vendor's suffix, what is left need not be semver's (`rc.01-x`).
  const release = named !== undefined && parse(named) !== null ? named : text;
  return { text, major, minor, patch, prerelease: release.includes('-'), release };
}

/**
 * Negative where `a` is older than `b`, 0 where they are the same. A pre-release is older than its release; a
 * vendor's build is as old as the release that it was made of, where semver would take it for older.
 */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.release, b.release);
}

/** Whether a version is older than another, both as texts; false where one of them is no version. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [tryParseVersion(version), tryParseVersion(than)];
  return one !== undefined && other !== undefined && compareVersions(one, other) < 0;
}

/** `1.31` for `1.31.0`. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

/** Whether the minor release of the version is `minor` (such as `1.30`) or a later one; pre-releases count. */
export function isAtLeast(version: Version, minor: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = minor.split('.').map(Number);
  return version.major !== wantedMajor ? version.major > wantedMajor : version.minor >= wantedMinor;
}

/**
 * What follows the three numbers of a pre-release: `rc.1`, `alpha.0`, `nightly-20260101`; then an end or a vendor. Each
 * place of a text can be read in one way alone: whoever makes pods writes tags of images, and thirty digits that could be
 * parted in any way took longer than a run has (issue 12).
 */
const STAGE = /^(?:alpha|beta|rc|nightly|dev|preview|pre|snapshot)\d*(?:-\d+|\.[0-9a-z]+)*(?=$|[-_+.])/i;

/**
 * The release of Istio that a text names: `1.30.3` for `v1.30.3`, `1.30.3-solo`, `1.30.3-tetratefips-v0` and
 * `1.30.3-asm.4-distroless`, but `1.31.0-rc.1` for `1.31.0-rc.1-debug` (F05, M25). Undefined for what names no
 * patch (`1.16-dev`, `1.30`, `latest`).
 */
export function releaseOf(text: string): string | undefined {
  const [, numbers, rest = ''] =
    /^v?((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2})(?:[-_+.](.*))?$/s.exec(text) ?? [];
  if (numbers === undefined) return undefined;
  const stage = STAGE.exec(rest)?.[0];
  return stage === undefined ? numbers : `${numbers}-${stage.toLowerCase()}`;
}

/**
 * Whether two texts are the same release of Istio: an image's tag, what a proxy or an istiod says, an input. A vendor's
 * suffix does not count (M25: proxies report `1.30.3-solo` where the image says `1.30.3`). Texts that name no release,
 * such as `1.16-dev`, are the same only where they are equal, letter by letter.
 */
export function sameRelease(a: string, b: string): boolean {
  const [releaseA, releaseB] = [releaseOf(a), releaseOf(b)];
  return releaseA === undefined || releaseB === undefined ? a === b && a !== '' : releaseA === releaseB;
}
