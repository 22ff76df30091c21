import { dialectOfText } from './dialect.ts';

/** Whether a version is of a release that knows no revisions: what is of it says none, and is the only control plane's. */
export function hasNoRevisions(version: string | undefined): boolean {
  return dialectOfText(version ?? '')?.recordsRevision === false;
}
