import type { Outcome } from '../outcome.ts';
import { SUMMARY_BYTES, bytes } from './budget.ts';
import { changesList } from './changes-list.ts';
import { code, forMarkdown, prose } from './escape.ts';
import { findingsTable, severities } from './findings-table.ts';
import { type Markdown, details, list, paragraphs } from './markdown.ts';
import { namespacesTable } from './namespaces-table.ts';
import type { ReleaseReport, Report } from './report.ts';
import { stepsTable } from './steps-table.ts';
import { verdict } from './verdict.ts';
import { way } from './way.ts';

/** Bytes that each section may use; together with the few lines around them less than GitHub takes. */
const BUDGET = {
  steps: 150_000,
  findings: 300_000,
  changes: 200_000,
  namespaces: 150_000,
  notes: 50_000,
} as const;

const OUTCOME_SIGNS: Readonly<Record<Outcome, string>> = {
  succeeded: '✅',
  'no-changes': '✅',
  'rolled-back': '↩️',
  refused: '✋',
  inconclusive: '❔',
  cancelled: '🛑',
  failed: '❌',
};

/** The job summary: what happened, what to decide, and the evidence below it. Always less than 1 MiB. */
export function renderSummary(report: Report): Markdown {
  const top = [heading(report), facts(report), prose(report.headline, 2000), verdict(report)];
  const changes = section(
    report.dryRun ? 'What would change' : 'What was changed',
    changesList(report, BUDGET.changes),
  );
  const text = `${paragraphs(
    ...top,
    report.dryRun ? changes : '',
    findingsSection(report, BUDGET.findings),
    section('Data plane', namespacesTable(report, BUDGET.namespaces)),
    section('Steps', stepsTable(report, BUDGET.steps)),
    report.dryRun ? '' : changes,
    section(
      'Notes',
      list(report.notes, (note) => prose(note), BUDGET.notes),
    ),
    circumstances(report),
  )}\n`;
  // The sections' budgets keep it small enough; were that ever wrong, half a report is better than none.
  if (bytes(text) < SUMMARY_BYTES) return text;
  return `${paragraphs(...top, 'The rest is in the report file.')}\n`;
}

function heading({ phase, outcome, dryRun }: Report): Markdown {
  const sign = outcome === undefined ? '⏳' : OUTCOME_SIGNS[outcome];
  return `## ${sign} Istio ${phase}${dryRun ? ' (dry run)' : ''}: ${outcome ?? 'running'}`;
}

/** What must not be mistaken: from where to where, on which cluster, and how far. */
function facts(report: Report): Markdown {
  const { phase, cluster, from, to, state } = report;
  const arrow = phase === 'rollback' ? '←' : '→';
  const parts = [
    (from ?? to) && `**Istio** ${version(from)} ${arrow} ${version(to)}`,
    cluster && `**Cluster** ${code(cluster.context)}`,
    state && `**State** ${way(state, report)}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

function version(side: ReleaseReport | undefined): Markdown {
  return side === undefined || side.version === '' ? 'not seen' : forMarkdown(side.version);
}

function section(title: Markdown, body: Markdown): Markdown {
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

function findingsSection({ findings }: Report, budget: number): Markdown {
  return section(`Findings: ${severities(findings)}`, findingsTable(findings, budget));
}

/** Which run this was, for whoever comes later. */
function circumstances({ cluster, from, to, attempt, startedAt, finishedAt }: Report): Markdown {
  const parts = [
    cluster && `Cluster ${code(cluster.context)} at ${code(cluster.server)}, as ${code(cluster.user)}`,
    cluster?.kubernetes && `Kubernetes ${forMarkdown(cluster.kubernetes)}`,
    (from ?? to) && `Istio ${release(from)} → ${release(to)}`,
    attempt && `Attempt ${code(attempt)}`,
    `Started ${forMarkdown(startedAt)}${finishedAt === undefined ? '' : `, finished ${forMarkdown(finishedAt)}`}`,
  ];
  return details(
    'This run',
    parts
      .filter((part) => part !== undefined && part !== '')
      .map((part) => `- ${part}`)
      .join('\n'),
  );
}

function release(side: ReleaseReport | undefined): Markdown {
  return side === undefined ? 'not seen' : `${version(side)} (revision ${code(side.revision)})`;
}
