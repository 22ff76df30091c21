import { copyFile, lstat } from 'node:fs/promises';

/**
 * Whether there is a file of a possible size to copy. Other jobs may have put something else there: a pipe, which nobody
 * ever writes to, or a link to what never ends (issue 12).
 */
export async function copied(from: string, to: string, maxBytes: number): Promise<boolean> {
  try {
    const file = await lstat(from);
    if (!file.isFile() || file.size > maxBytes) return false;
    await copyFile(from, to);
    return true;
  } catch {
    return false;
  }
}
