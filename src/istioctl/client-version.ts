import { boundedText } from '../istio/text.ts';
import { parseJsonDocuments } from './json-documents.ts';
import { lastWords, cutLogLines } from './output.ts';
import type { Printed, Unreadable } from './reading.ts';

const VERSION_LENGTH = 100;

/** What a program says about itself. */
export interface ClientVersion {
  readonly readable: true;
  /** Such as `1.31.0`; what a build of one's own says may be no version. */
  readonly version: string;
}

/** Reads `version --remote=false -o json` (recording 002-version-client-json). */
export function readClientVersion(printed: Printed): ClientVersion | Unreadable {
  const version = printed.code === 0 ? versionIn(printed.stdout) : undefined;
  if (version !== undefined) return { readable: true, version };
  return { readable: false, reason: lastWords(printed) || 'it did not say its version' };
}

function versionIn(stdout: string): string | undefined {
  try {
    const [answer] = parseJsonDocuments(cutLogLines(stdout)) as { clientVersion?: { version?: unknown } }[];
    const version = answer?.clientVersion?.version;
    return boundedText(version, VERSION_LENGTH) || undefined;
  } catch {
    return undefined;
  }
}
