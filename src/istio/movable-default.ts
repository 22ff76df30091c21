import { hasDefaultTag } from './default-tag-left.ts';
import type { Sides } from './side.ts';

/**
 * Whether the default is a tag with a validator of its own, which an upgrade moves from one side to the other: from 1.12 on.
 * Before, `istio-injection=enabled` is always the control plane's without a revision, and nothing takes it from there: the
 * documents of these releases relabel every namespace to the revision. So does an upgrade across that line, as the older
 * istioctl could not bring the default back.
 */
export function movesDefault({ from, to }: Sides): boolean {
  // What is gone tells no version, and leaves the other one to decide.
  return [from, to].every(({ version }) => hasDefaultTag(version));
}
