import { cutLogLines } from './output.ts';
import type { Printed } from './reading.ts';

/**
 * Whether `tag set` says that it set the tag. Exit code 0 does not: a prompt that was answered "no" ends with it, too
 * (T05). Even this is only istioctl's word: the webhook is to be read again.
 */
export function saysTagWasSet(
  { code, stdout }: Printed,
  { tag, revision }: { tag: string; revision: string },
): boolean {
  const sentence = `Revision tag "${tag}" created, referencing control plane revision "${revision}"`;
  return code === 0 && cutLogLines(stdout).includes(sentence);
}
