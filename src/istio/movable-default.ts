import { dialectOf } from './dialect.ts';
import type { Sides } from './side.ts';
import { tryParseVersion } from './version.ts';

/**
 * Whether the default is a tag with a validator of its own, which an upgrade moves from one side to the other: from 1.12 on.
 * Before, `istio-injection=enabled` is always the control plane's without a revision, and nothing takes it from there: the
 * documents of these releases relabel every namespace to the revision. So does an upgrade across that line, as the older
 * istioctl could not bring the default back.
 */
export function movesDefault({ from, to }: Sides): boolean {
  return [from, to].every(({ version }) => {
    const parsed = tryParseVersion(version);
    // What is gone tells no version, and leaves the other one to decide.
    return parsed === undefined || dialectOf(parsed).defaultValidator !== undefined;
  });
}
