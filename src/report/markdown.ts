import { fit } from './budget.ts';

/** Markdown that is built here or has been through `escape.ts`. */
export type Markdown = string;

/**
 * A table, as many rows as fit into `budget` bytes, and a last line that says how many are missing.
 *
 * @param cells Markdown in one line each, escaped by the caller
 */
export function table<T>(
  columns: readonly Markdown[],
  items: readonly T[],
  cells: (item: T) => readonly Markdown[],
  budget: number,
): Markdown {
  const { shown, left } = fit(items, budget, (item) => row(cells(item)));
  const lines = [row(columns), row(columns.map(() => '---')), ...shown].join('\n');
  return left === 0 ? lines : `${lines}\n\n${more(left)}`;
}

function row(cells: readonly Markdown[]): Markdown {
  return `| ${cells.join(' | ')} |`;
}

/** A list, as many items as fit into `budget` bytes. */
export function list<T>(items: readonly T[], render: (item: T) => Markdown, budget: number): Markdown {
  const { shown, left } = fit(items, budget, (item) => `- ${render(item)}`);
  return [...shown, ...(left === 0 ? [] : [`- ${more(left)}`])].join('\n');
}

/** What is said of what had no room. */
export function more(left: number): Markdown {
  return left === 0 ? '' : `… and ${left} more in the report file.`;
}

/** Folded away until somebody wants it. The blank lines make GitHub read what is inside as Markdown. */
export function details(title: Markdown, body: Markdown): Markdown {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Paragraphs with a blank line between; empty ones are left out. */
export function paragraphs(...parts: readonly Markdown[]): Markdown {
  return parts.filter((part) => part !== '').join('\n\n');
}
