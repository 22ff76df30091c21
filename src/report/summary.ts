import type { Finding, Severity } from '../finding.ts';
import type { Outcome } from '../outcome.ts';
import { SUMMARY_BYTES, bytes, fit } from './budget.ts';
import { formatDuration } from './duration.ts';
import { block, code, forMarkdown, oneLine, prose } from './escape.ts';
import { type Markdown, details, list, more, paragraphs, table } from './markdown.ts';
import type { NamespaceReport, ReleaseReport, Report, StepReport, StepStatus } from './report.ts';

/** Bytes that each section may use; together with the few lines around them less than GitHub takes. */
const BUDGET = {
  steps: 150_000,
  findings: 300_000,
  changes: 200_000,
  namespaces: 150_000,
  notes: 50_000,
} as const;

/** Rows shown at once; more are folded. */
const OPEN_ROWS = 20;

const OUTCOME_SIGNS: Readonly<Record<Outcome, string>> = {
  succeeded: '✅',
  'no-changes': '✅',
  'rolled-back': '↩️',
  refused: '✋',
  inconclusive: '❔',
  cancelled: '🛑',
  failed: '❌',
};

const STEP_SIGNS: Readonly<Record<StepStatus, string>> = {
  pending: '⏳ pending',
  running: '▶️ running',
  succeeded: '✅ done',
  skipped: '⏭️ skipped',
  failed: '❌ failed',
  cancelled: '🛑 cancelled',
  'not-run': '⬜ not run',
};

const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = {
  error: '❌ error',
  warning: '⚠️ warning',
  info: 'ℹ️ info',
};
const SEVERITY_ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/** The findings, errors first, otherwise in the order found. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return SEVERITY_ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** The job summary: what happened, what to do next, and the evidence below it. Always less than 1 MiB. */
export function renderSummary(report: Report): Markdown {
  const text = `${paragraphs(
    headline(report),
    where(report),
    nextStep(report),
    section('Steps', stepsOf(report)),
    section('Findings', findingsOf(report)),
    section('Data plane', dataPlaneOf(report)),
    section(report.dryRun ? 'What would change' : 'What was changed', changesOf(report)),
    section(
      'Notes',
      list(report.notes, (note) => prose(note), BUDGET.notes),
    ),
  )}\n`;
  // The sections' budgets keep it small enough; were that ever wrong, half a report is better than none.
  if (bytes(text) < SUMMARY_BYTES) return text;
  return `${paragraphs(headline(report), where(report), nextStep(report), 'The rest is in the report file.')}\n`;
}

function headline(report: Report): Markdown {
  const sign = report.outcome === undefined ? '⏳' : OUTCOME_SIGNS[report.outcome];
  const dryRun = report.dryRun ? ' (dry run)' : '';
  return paragraphs(
    `## ${sign} Istio ${report.phase}${dryRun}: ${report.outcome ?? 'running'}`,
    prose(report.headline, 2000),
    report.dryRun ? '**This was a dry run: nothing was changed.** Below is what would be.' : '',
  );
}

function where({ cluster, from, to, state, attempt }: Report): Markdown {
  const facts = [
    cluster && `**Cluster** ${code(cluster.context)} at ${code(cluster.server)}, as ${code(cluster.user)}`,
    cluster?.kubernetes && `Kubernetes ${forMarkdown(cluster.kubernetes)}`,
    (from ?? to) && `**Istio** ${release(from)} → ${release(to)}`,
    state && `**State** ${state}`,
    attempt && `attempt ${code(attempt)}`,
  ];
  return facts.filter((fact) => fact !== undefined && fact !== '').join(' · ');
}

function release(side: ReleaseReport | undefined): Markdown {
  return side === undefined ? 'not seen' : `${forMarkdown(side.version)} (revision ${code(side.revision)})`;
}

/** In a quote, so that it is found at 3 a.m. */
function nextStep({ next, nextPhase, rollback, proxiesBehind }: Report): Markdown {
  const lines = [
    next === '' ? '' : `**Next:** ${prose(next, 4000)}`,
    nextPhase === undefined ? '' : `**Next phase:** ${code(nextPhase)}`,
    rollback === undefined
      ? ''
      : `**Rollback:** ${rollback.ready ? '✅ ready' : '❌ not ready'}. ${prose(rollback.how, 4000)}`,
    proxiesBehind === undefined ? '' : `**Proxies behind:** ${proxiesBehind}`,
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `> ${line}`)
    .join('\n>\n');
}

function section(title: string, body: Markdown): Markdown {
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

function stepsOf({ steps }: Report): Markdown {
  return steps.length === 0
    ? ''
    : table(['Status', 'Step', 'Detail', 'Time'], steps, stepCells, BUDGET.steps);
}

function stepCells({ status, title, detail, durationMs }: StepReport): Markdown[] {
  const time = durationMs === undefined ? '' : formatDuration(durationMs);
  return [STEP_SIGNS[status], forMarkdown(title), prose(detail), time];
}

function findingsOf({ findings }: Report): Markdown {
  const columns = ['Severity', 'Id', 'Finding', 'What to do'];
  return foldedTable(columns, bySeverity(findings), findingCells, BUDGET.findings);
}

function findingCells({ severity, id, object = '', message, remedy = '' }: Finding): Markdown[] {
  const about = [code(object), prose(message)].filter((part) => part !== '').join(': ');
  return [SEVERITY_SIGNS[severity], code(id), about, prose(remedy)];
}

function dataPlaneOf({ namespaces = [], from, to }: Report): Markdown {
  const columns = ['Namespace', `Current${named(from)}`, `Target${named(to)}`, 'Other', 'Not in sync'];
  const all = namespaces.length > 1 ? [namespaces.reduce(added, EMPTY), ...namespaces] : namespaces;
  return foldedTable(columns, all, namespaceCells, BUDGET.namespaces);
}

/** An unknown is not a zero. */
function namespaceCells({ namespace, current, target, other, notInSync }: NamespaceReport): Markdown[] {
  const name = namespace === '' ? '**All**' : code(namespace);
  return [name, `${current}`, `${target}`, `${other}`, notInSync === undefined ? 'not seen' : `${notInSync}`];
}

const EMPTY: NamespaceReport = { namespace: '', current: 0, target: 0, other: 0, notInSync: 0 };

function added(sum: NamespaceReport, item: NamespaceReport): NamespaceReport {
  const counts = {
    namespace: '',
    current: sum.current + item.current,
    target: sum.target + item.target,
    other: sum.other + item.other,
  };
  const known = sum.notInSync !== undefined && item.notInSync !== undefined;
  return known ? { ...counts, notInSync: (sum.notInSync ?? 0) + (item.notInSync ?? 0) } : counts;
}

function named(side: ReleaseReport | undefined): Markdown {
  return side === undefined ? '' : ` ${code(side.revision)}`;
}

/** What the title of a step and the tags around its changes take, at most. */
const TITLE_BYTES = 1000;

/** Steps that changed nothing yet: what they list is what they would have done. */
const UNTOUCHED: readonly StepStatus[] = ['pending', 'skipped', 'not-run'];

function changesOf({ steps, dryRun }: Report): Markdown {
  const changing = steps.filter(
    ({ changes, status }) => changes.length > 0 && (dryRun || !UNTOUCHED.includes(status)),
  );
  if (changing.length === 0) return dryRun ? 'Nothing: all is as this phase would leave it.' : '';
  const share = Math.floor(BUDGET.changes / changing.length);
  const { shown, left } = fit(changing, BUDGET.changes, (step) => changesOfStep(step, share, dryRun));
  return paragraphs(...shown, more(left));
}

function changesOfStep({ title, status, changes }: StepReport, budget: number, dryRun: boolean): Markdown {
  const { shown, left } = fit(changes, budget - TITLE_BYTES, (change) => oneLine(change, 500));
  const part = dryRun || status === 'succeeded' ? '' : ', not all of it done';
  return details(
    `${forMarkdown(title, 100)} (${changes.length}${part})`,
    paragraphs(shown.length === 0 ? '' : block(shown), more(left)),
  );
}

/** The first rows at once, the others folded. */
function foldedTable<T>(
  columns: readonly Markdown[],
  items: readonly T[],
  cells: (item: T) => Markdown[],
  budget: number,
): Markdown {
  if (items.length === 0) return '';
  const [first, rest] = [items.slice(0, OPEN_ROWS), items.slice(OPEN_ROWS)];
  const open = table(columns, first, cells, budget);
  if (rest.length === 0) return open;
  const folded = table(columns, rest, cells, budget - bytes(open));
  return paragraphs(open, details(`${rest.length} more`, folded));
}
