/** GitHub drops a summary over 1 MiB as a whole; it counts bytes. */
export const SUMMARY_BYTES = 1024 * 1024;

/** Bytes of a text in UTF-8, which is what GitHub's limits count. */
export function bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** What of a list has room, rendered, and how many items have not. */
export interface Fitted {
  readonly shown: readonly string[];
  readonly left: number;
}

/**
 * Renders the first items that fit into a number of bytes together, counting one more each for what separates them.
 * The others are not rendered at all: a mesh may have ten thousand.
 */
export function fit<T>(items: readonly T[], budget: number, render: (item: T) => string): Fitted {
  const shown: string[] = [];
  let room = budget;
  for (const item of items) {
    const text = render(item);
    room -= bytes(text) + 1;
    if (room < 0) break;
    shown.push(text);
  }
  return { shown, left: items.length - shown.length };
}
