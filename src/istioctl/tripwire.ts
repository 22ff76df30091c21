import type { Finding } from '../finding.ts';

/** What a record says of an istioctl: where it came from, and the sha256 of the program. */
export interface Proof {
  readonly source: string;
  readonly sha256: string;
}

/**
 * Whether the istioctl of a release still is the one that an earlier phase had from the same place. A release does not
 * change: if its program did, somebody replaced it on the mirror, on its way, or on the runner (issue 12), or two machines
 * have each their own at one path. Anybody who may write the record can trip this and nothing more: it proves nothing good.
 *
 * @param pinned whether its sum was given by the inputs: then that is what counts, and this is the way out
 */
export function changedSince(
  recorded: Proof | undefined,
  now: Proof,
  release: { readonly version: string; readonly input: 'istioctl-sha256' | 'previous-istioctl-sha256' },
  pinned: boolean,
): Finding | undefined {
  if (pinned || recorded === undefined) return undefined;
  if (recorded.source !== now.source || recorded.sha256 === now.sha256) return undefined;
  return {
    id: 'istioctl-changed',
    severity: 'error',
    message: `istioctl ${release.version} from ${now.source} is not the program that an earlier phase had from there: its sha256 was ${recorded.sha256}, and is ${now.sha256}. It was asked for its version, and for nothing else`,
    remedy: `Find out who replaced it, or whether the earlier phase ran elsewhere and found another program at that path than there is on this machine. If it is right as it is now, give the sha256 that you trust in the input ${release.input}.`,
  };
}
