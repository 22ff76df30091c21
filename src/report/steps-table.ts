import { formatDuration } from './duration.ts';
import { forMarkdown, prose } from './escape.ts';
import { type Column, type Markdown, details, signed, table } from './markdown.ts';
import type { Report, StepReport, StepStatus } from './report.ts';
import { tally } from './tally.ts';

const SIGNS: Readonly<Record<StepStatus, Markdown>> = {
  pending: signed('⏳', 'pending'),
  running: signed('▶️', 'running'),
  succeeded: signed('✅', 'done'),
  skipped: signed('⏭️', 'skipped'),
  failed: signed('❌', 'failed'),
  cancelled: signed('🛑', 'cancelled'),
  'not-run': signed('⬜', 'not run'),
};

/** Steps that nobody has to look at. */
const QUIET: readonly StepStatus[] = ['succeeded', 'skipped'];

const COLUMNS: readonly Column[] = [{ title: 'Status' }, { title: 'Step' }, { title: 'Time', right: true }];

/** The steps; folded where all went well, or where a dry run left them out. */
export function stepsTable({ steps, dryRun }: Report, budget: number): Markdown {
  if (steps.length === 0) return '';
  const rows = table(COLUMNS, steps, cells, budget);
  const quiet = steps.filter(({ status }) => QUIET.includes(status));
  const unseen = dryRun && steps.every(({ status }) => status === 'not-run');
  if (quiet.length < steps.length && !unseen) return rows;
  const ms = steps.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  const time = unseen ? '' : `, in ${formatDuration(ms)}`;
  return details(`${tally(steps, ({ status }) => SIGNS[status], Infinity)}${time}`, rows);
}

function cells({ status, title, detail, durationMs }: StepReport): Markdown[] {
  const time = durationMs === undefined ? '' : formatDuration(durationMs).replaceAll(' ', '\u00A0');
  const lines = [`**${forMarkdown(title)}**`, prose(detail)];
  return [SIGNS[status], lines.filter((line) => line !== '').join('<br>'), time];
}
