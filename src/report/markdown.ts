import { fit } from './budget.ts';

/** Markdown that is built here or has been through `escape.ts`. */
export type Markdown = string;

/** What GitHub puts a colour and a word on, from calm to alarming. */
export type AlertKind = 'NOTE' | 'TIP' | 'IMPORTANT' | 'WARNING' | 'CAUTION';

/** One column of a table. */
export interface Column {
  /** Markdown in one line. */
  readonly title: Markdown;
  /** For numbers, so that they can be compared at a glance. */
  readonly right?: true;
}

/**
 * A table, as many rows as fit into `budget` bytes, and a last line that says how many are missing.
 *
 * @param cells Markdown in one line each, escaped by the caller
 */
export function table<T>(
  columns: readonly Column[],
  items: readonly T[],
  cells: (item: T) => readonly Markdown[],
  budget: number,
): Markdown {
  const { shown, left } = fit(items, budget, (item) => row(cells(item)));
  const head = [
    row(columns.map(({ title }) => title)),
    row(columns.map(({ right }) => (right ? '---:' : '---'))),
  ];
  return paragraphs([...head, ...shown].join('\n'), more(left));
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

/** Paragraphs that GitHub shows with the colour and the word of their kind; other readers see a quote. */
export function alert(kind: AlertKind, ...parts: readonly Markdown[]): Markdown {
  const body = parts.filter((part) => part !== '').map((part) => `> ${part}`);
  return [`> [!${kind}]`, body.join('\n>\n')].join('\n');
}

/** Paragraphs with a blank line between; empty ones are left out. */
export function paragraphs(...parts: readonly Markdown[]): Markdown {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A sign and its word, which no line break parts: a status is never told by its colour alone. */
export function signed(sign: string, word: string): Markdown {
  return `${sign} ${word}`.replaceAll(' ', '\u00A0');
}

/** `1 warning`, `2 warnings`. */
export function counted(count: number, noun: string): Markdown {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
