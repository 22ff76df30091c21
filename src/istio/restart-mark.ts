import type { Release } from '../record/record.ts';

/** How the mark of a restart begins that was done for a release; the attempt's name follows. */
export function restartMarkOf({ revision, version }: Release): string {
  return `${revision}@${version}#`;
}

/** The attempt that the mark of a restart names; undefined for what is no mark of ours. */
export function attemptOf(restartedFor: string): string | undefined {
  return /#([^.]*)/.exec(restartedFor)?.[1];
}
