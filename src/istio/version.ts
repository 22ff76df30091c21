import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

/** A release of Istio, such as `1.31.0` or `1.31.0-rc.1`. */
export interface Version {
  /** As Istio writes it, without a `v`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: boolean;
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
  const { major, minor, patch, prerelease } = parsed;
  return { text, major, minor, patch, prerelease: prerelease.length > 0 };
}

/** Negative where `a` is older than `b`, 0 where they are the same. A pre-release is older than its release. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.text, b.text);
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

/** Whether two texts name the same release of Istio, whatever a vendor adds to them (`1.30.3-solo`; M25). */
export function sameRelease(a: string, b: string): boolean {
  const core = (text: string): string | undefined => /^v?(\d+\.\d+\.\d+)/.exec(text)?.[1];
  const [first, second] = [core(a), core(b)];
  return first === undefined || second === undefined ? a === b : first === second;
}
