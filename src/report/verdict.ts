import type { Outcome, Phase, UpgradeState } from '../outcome.ts';
import { exitCode } from '../outcome.ts';
import { GOAL, type Side, total } from './data-plane.ts';
import { code, prose } from './escape.ts';
import { type AlertKind, type Markdown, alert, counted, signed } from './markdown.ts';
import type { NamespaceReport, ReleaseReport, Report, RollbackReport } from './report.ts';

/** Longest text of ours in the verdict, in characters. */
const LONG = 4000;

const ALERTS: Readonly<Record<Outcome, AlertKind>> = {
  succeeded: 'TIP',
  'no-changes': 'NOTE',
  'rolled-back': 'NOTE',
  refused: 'WARNING',
  inconclusive: 'WARNING',
  cancelled: 'WARNING',
  failed: 'CAUTION',
};

/** Why there is nothing to approve after a run that did not come to its end. */
const STOPPED: Readonly<Partial<Record<Outcome, string>>> = {
  refused: 'Nothing was touched.',
  inconclusive: 'The evidence could not be had, so nothing is claimed.',
  cancelled: 'It was stopped on the way.',
  failed: 'It stopped on the way.',
};

/** In which states a phase is evidence for the next one: a canary that finds the mesh promoted has not judged the rest of it. */
const EVIDENCE: Readonly<Partial<Record<Phase, readonly UpgradeState[]>>> = {
  precheck: ['none', 'rolled-back'],
  canary: ['canary'],
  promote: ['promoted'],
};

/** States in which the mesh is on its own side alone, and no way back is needed. */
const SETTLED: readonly UpgradeState[] = ['none', 'rolled-back'];

/**
 * What the one who approves, or is called at night, has to know, in an alert of its own: whether to go on, what to do
 * next, the way back, and what the proxies say.
 */
export function verdict(report: Report): Markdown {
  const { next, rollback, state } = report;
  return alert(
    kindOf(report),
    approval(report),
    next === '' ? '' : `**Next:** ${prose(next, LONG)}`,
    rollback === undefined ? '' : `**Way back:** ${wayBack(rollback, state)}`,
    proxies(report),
  );
}

function kindOf(report: Report): AlertKind {
  if (report.outcome === undefined) return 'NOTE';
  if (!mayFollow(report)) return ALERTS[report.outcome];
  return warnings(report) > 0 || leadsToNoReturn(report) ? 'IMPORTANT' : 'TIP';
}

function approval(report: Report): Markdown {
  const { outcome, dryRun } = report;
  if (outcome === undefined) return `⏳ **Not yet.** The run goes on.`;
  if (exitCode(outcome) !== 0) return `❌ **Do not approve.** ${STOPPED[outcome] ?? ''}`;
  if (dryRun) return '👀 **This was a dry run: nothing was changed.** Below is what would be.';
  if (!mayFollow(report)) return '☑️ **Nothing to approve.**';
  const phase = code(report.nextPhase ?? '');
  const what = leadsToNoReturn(report)
    ? `${phase} with ${code('remove-old: true')}, the point of no return`
    : phase;
  const read = warnings(report);
  return read === 0
    ? `✅ **Ready to approve:** ${what}. No error and no warning was found.`
    : `⚠️ **Read ${counted(read, 'warning')}, then approve:** ${what}.`;
}

/**
 * Whether the run came to its end and is evidence for the phase that somebody has to approve next. A precheck is none
 * for an upgrade that is under way, and after a rollback there is none.
 */
function mayFollow({ phase, outcome, dryRun, state, nextPhase }: Report): boolean {
  if (outcome === undefined || exitCode(outcome) !== 0 || dryRun || nextPhase === undefined) return false;
  return state !== undefined && (EVIDENCE[phase]?.includes(state) ?? false);
}

/** What follows removes the old control plane. */
function leadsToNoReturn({ state }: Report): boolean {
  return state === 'promoted';
}

function warnings({ findings }: Report): number {
  return findings.filter(({ severity }) => severity === 'warning').length;
}

function wayBack({ ready, how }: RollbackReport, state: UpgradeState | undefined): Markdown {
  const sign = ready
    ? signed('✅', 'ready.')
    : state !== undefined && SETTLED.includes(state)
      ? signed('☑️', 'not needed.')
      : signed('⛔', 'not ready.');
  return `${sign} ${prose(how, LONG)}`;
}

/** The whole data plane in one line. */
function proxies({ namespaces, phase, from, to }: Report): Markdown {
  if (namespaces === undefined) return '';
  const all = total(namespaces);
  const side = (name: Side, release: ReleaseReport | undefined): Markdown =>
    [
      `${all[name]} on the ${name}`,
      release === undefined ? '' : code(release.revision),
      name === GOAL[phase] && all[name] > 0 ? `(${sync(all)})` : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
  const elsewhere = all.other === 0 ? [] : [`${all.other} elsewhere`];
  return `**Proxies:** ${[side('target', to), side('current', from), ...elsewhere].join(', ')}`;
}

/** An unknown is not a zero. */
function sync({ notInSync }: NamespaceReport): string {
  if (notInSync === undefined) return 'whether in sync: not seen';
  return notInSync === 0 ? 'all in sync' : `${notInSync} not in sync`;
}
