/**
 * Names and error texts come from a cluster that others write to. Here they become text that can neither give the
 * runner a command nor forge a row, a link or a mention in the report. `@actions/core` escapes nothing of a summary.
 */

/** The runner cuts annotations at 4096 characters. */
const ANNOTATION_LENGTH = 4000;
const LOG_LENGTH = 4000;
const CELL_LENGTH = 500;

/** Keeps a text from being read as a link or a mention, and is not seen. */
const WORD_JOINER = '\u2060';

/**
 * One line, no control characters (ANSI colours, carriage returns), no invisible ones (text that turns direction), not
 * longer than `max` characters.
 */
export function oneLine(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g, '')
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  if (line.length <= max) return line;
  return `${line.slice(0, max).toWellFormed()}… (${line.length - max} characters more)`;
}

/**
 * A line of the log that is no workflow command: the runner obeys a line that starts with `::`, and `##[` anywhere.
 * A `::` further on stays, as in an IPv6 address.
 */
export function forLog(text: string, max = LOG_LENGTH): string {
  return oneLine(text, max).replaceAll('##[', '## [').replace(/^::/, ': :');
}

/** The text of an annotation: shown as it is, without markup. `@actions/core` encodes its line breaks. */
export function forAnnotation(text: string, max = ANNOTATION_LENGTH): string {
  return text
    .split('\n')
    .map((line) => forLog(line, max))
    .filter((line) => line !== '')
    .join('\n')
    .slice(0, max)
    .toWellFormed();
}

/** Text within a line or a table cell of Markdown, where it means nothing but itself; addresses can be copied. */
export function forMarkdown(text: string, max = CELL_LENGTH): string {
  return oneLine(text, max)
    .split(ADDRESS)
    .map((part, index) => (index % 2 === 0 ? meaningless(part, index === 0) : address(part)))
    .join('');
}

/** An address, without the punctuation that may follow it in a sentence. */
const ADDRESS = /(https?:\/\/[\w.~:/?#@!$&'*+,;=%-]*[\w/#=&%+~-])/i;

/** Hosts whose pages we and the runner lead to; what is on them is not for the writer of a label to choose. */
const OURS = /^https:\/\/(?:github\.com|istio\.io|kubernetes\.io)\/[\w./#?=&%+~:-]*$/;

/**
 * An address as GitHub makes a link of it where it is on a host of ours; any other, which somebody may have put into a
 * name to be clicked, as a code span: it can be copied, and is no link.
 */
function address(text: string): string {
  return OURS.test(text) ? text : code(text, Infinity);
}

function meaningless(text: string, starts: boolean): string {
  const escaped = text.replace(/[&<>|`*_~[\]\\#$]/g, entity);
  const start = starts
    ? escaped.replace(/^[-+=]|^\d+[.)](?=\s|$)/, (head) => head.slice(0, -1) + entity(head.slice(-1)))
    : escaped;
  return start.replace(/@|:(?=\/\/)|www(?=\.)/gi, `$&${WORD_JOINER}`);
}

/**
 * Text to be copied: a code span, in which nothing is a link or a mention. Its fence is longer than any run of
 * backticks inside; a `|` is escaped as tables want it.
 */
export function code(text: string, max = CELL_LENGTH): string {
  const line = oneLine(text, max);
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${pad}${line.replace(/\\+\|?|\|/g, escapePipe)}${pad}${fence}`;
}

/** A sentence of ours that may hold commands in backticks, and names from the cluster anywhere. */
export function prose(text: string, max = 2 * CELL_LENGTH): string {
  // Cut as a whole, so its parts are not: what is said of the rest would be cut itself.
  return oneLine(text, max)
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1), Infinity) : between(part)))
    .join('');
}

/** Lines that keep their form, in a block whose fence they cannot close. */
export function block(lines: readonly string[], max = CELL_LENGTH): string {
  const shown = lines.map((line) => oneLine(line, max));
  const fence = '`'.repeat(shown.reduce((longest, line) => Math.max(longest, longestRun(line) + 1), 3));
  return [`${fence}text`, ...shown, fence].join('\n');
}

/** Text between two code spans keeps its spaces. */
function between(text: string): string {
  const inner = forMarkdown(text, Infinity);
  if (inner === '') return text === '' ? '' : ' ';
  return `${/^\s/.test(text) ? ' ' : ''}${inner}${/\s$/.test(text) ? ' ' : ''}`;
}

function entity(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

/**
 * A table takes `\\` before the `|` for an escaped backslash, so each is doubled. A run without a `|` stays; it is
 * matched too, so that it is looked at once and not from each of its backslashes.
 */
function escapePipe(run: string): string {
  if (!run.endsWith('|')) return run;
  return `${'\\'.repeat(2 * (run.length - 1))}\\|`;
}

/** Counted, not spread into `Math.max`, which takes only so many arguments. */
function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}
