import { dialectOf } from './dialect.ts';
import { tryParseVersion } from './version.ts';

/** Whether a version is of a release that knows no revisions: what is of it says none, and is the only control plane's. */
export function hasNoRevisions(version: string | undefined): boolean {
  const parsed = version === undefined ? undefined : tryParseVersion(version);
  return parsed !== undefined && !dialectOf(parsed).recordsRevision;
}
