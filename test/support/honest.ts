import { expect } from '@jest/globals';
import { marked, type Token, type Tokens } from 'marked';
import type { RunResult } from '../../scripts/run-action.ts';
import { parseWorkflowCommand } from '../../scripts/workflow-command.ts';
import { OUTPUTS } from '../../src/outputs.ts';
import { annotationsOf } from '../../src/report/annotations.ts';

/** What the Action itself tells the runner by. */
const COMMANDS = ['group', 'endgroup', 'debug', 'error', 'warning'];
/** The longest line of a log, with some room for the runner's own words around it. */
const LINE = 4_100;
/** Characters that would hide or turn a text around, or colour it. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** What may stand in a summary; `html` only as a fold or a line break. */
const MARKDOWN = [
  'space',
  'heading',
  'text',
  'paragraph',
  'strong',
  'codespan',
  'blockquote',
  'table',
  'escape',
  'code',
  'list',
  'list_item',
];

/**
 * Expects that whatever others wrote is only text in what a run says: no command for the runner, no line, row, link or
 * markup more than the Action meant.
 */
export function expectHonest(run: RunResult): void {
  const lines = [run.stdout, run.stderr, run.post.stdout].flatMap((text) => text.split('\n'));
  const commands = lines.flatMap((line) => parseWorkflowCommand(line) ?? []);
  expect(commands.map(({ name }) => name).filter((name) => !COMMANDS.includes(name))).toEqual([]);
  expect(lines.filter((line) => line.includes('##[') || UNSEEN.test(line))).toEqual([]);
  expect(lines.filter((line) => line.length > LINE && !line.startsWith('::'))).toEqual([]);
  const { report } = run;
  if (report === undefined) throw new Error('there is no report');
  const annotations = commands.filter(({ name }) => name === 'error' || name === 'warning');
  expect(annotations.map(({ message }) => message)).toEqual(
    annotationsOf(report).map(({ message }) => message),
  );
  expect(Object.keys(run.outputs).sort()).toEqual([...OUTPUTS].sort());
  expect(run.outputs.outcome).toBe(report.outcome);

  const tokens = marked.lexer(run.summary);
  const all: Token[] = [];
  void marked.walkTokens(tokens, (token) => void all.push(token));
  const odd = all.filter(({ type, raw }) => !MARKDOWN.includes(type) && !(type === 'html' && isOurs(raw)));
  expect(odd.map(({ raw }) => raw)).toEqual([]);
  expect(run.summary.split('\n').filter((line) => UNSEEN.test(line))).toEqual([]);
  expect(
    all.filter((token) => token.type === 'heading' && (token as Tokens.Heading).depth === 2),
  ).toHaveLength(1);
  const tables = all.filter((token): token is Tokens.Table => token.type === 'table');
  const rows = (title: string): number =>
    tables
      .filter(({ header }) => header[0]?.text === title)
      .reduce((sum, table) => sum + table.rows.length, 0);
  expect(rows('Severity')).toBe(report.findings.length);
  expect(rows('Status')).toBe(report.steps.length);
}

/** Folds and line breaks, as src/report writes them, and no attribute. */
function isOurs(raw: string): boolean {
  return !/[<>]/.test(raw.replace(/<\/?(details|summary|br)>/g, ''));
}
