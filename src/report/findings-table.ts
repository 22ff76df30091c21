import type { Finding, Severity } from '../finding.ts';
import { code, forMarkdown, prose } from './escape.ts';
import { foldedTable } from './folded-table.ts';
import { type Column, type Markdown, counted, signed } from './markdown.ts';

const SIGNS: Readonly<Record<Severity, string>> = { error: '❌', warning: '⚠️', info: 'ℹ️' };
const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/** Findings of one id shown at once: more of them say the same of other objects. */
const OPEN_OF_ID = 3;
const OPEN_ROWS = 20;

/** What to do stands below what was found: in a column of its own it is out of sight on a narrow screen. */
const COLUMNS: readonly Column[] = [{ title: 'Severity' }, { title: 'Finding, and 👉 what to do' }];

/** Longest message in a row, in characters; the report file has all of it. */
const MESSAGE = 600;

/** The findings, errors first, otherwise in the order found. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** How many there are: `2 errors, 1 warning`. */
export function severities(findings: readonly Finding[]): Markdown {
  return ORDER.map((severity) => [findings.filter((f) => f.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => (severity === 'info' ? `${count} for the record` : counted(count, severity)))
    .join(', ');
}

/** Errors and warnings at once, some of each id; the others, and what is only for the record, folded. */
export function findingsTable(findings: readonly Finding[], budget: number): Markdown {
  const open: Finding[] = [];
  const folded: Finding[] = [];
  const seen = new Map<string, number>();
  for (const finding of bySeverity(findings)) {
    const count = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, count);
    const atOnce = finding.severity !== 'info' && count <= OPEN_OF_ID && open.length < OPEN_ROWS;
    (atOnce ? open : folded).push(finding);
  }
  return foldedTable({ columns: COLUMNS, cells, kind }, open, folded, budget);
}

function cells({ severity, id, object = '', message, remedy = '' }: Finding): Markdown[] {
  const about = [code(object), prose(message, MESSAGE)].filter((part) => part !== '').join(': ');
  const lines = [about, remedy === '' ? '' : `👉 ${prose(remedy)}`, code(id)];
  return [signed(SIGNS[severity], severity), lines.filter((line) => line !== '').join('<br>')];
}

function kind({ severity, id }: Finding): Markdown {
  return `${SIGNS[severity]} ${forMarkdown(id)}`;
}
