import { bytes } from './budget.ts';
import { type Column, type Markdown, details, paragraphs, table } from './markdown.ts';
import { tally } from './tally.ts';

/** Kinds named in the title of a fold. */
const KINDS = 6;

/** How the rows of a table are made. */
export interface Rows<T> {
  readonly columns: readonly Column[];
  /** Markdown in one line each, escaped. */
  readonly cells: (item: T) => readonly Markdown[];
  /** What an item is counted as where it is folded away. Plain text, escaped: Markdown is not read there. */
  readonly kind: (item: T) => Markdown;
}

/** A table of which a part is folded away, under a title that says what is in there. Both fit into `budget` bytes. */
export function foldedTable<T>(
  { columns, cells, kind }: Rows<T>,
  open: readonly T[],
  folded: readonly T[],
  budget: number,
): Markdown {
  const shown = open.length === 0 ? '' : table(columns, open, cells, budget);
  if (folded.length === 0) return shown;
  const title = `More: ${tally(folded, kind, KINDS)}`;
  return paragraphs(
    shown,
    details(title, table(columns, folded, cells, budget - bytes(shown) - bytes(title))),
  );
}
