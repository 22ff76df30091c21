import { describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../../../src/outcome.ts';
import type { Report } from '../../../src/report/report.ts';
import { verdict } from '../../../src/report/verdict.ts';
import { emptyReport } from './reports.ts';

const WARNING = { id: 'both-injection-labels', severity: 'warning', message: 'x' } as const;

/** The kind of the alert and its first line, as a person reads it. */
function answer(changes: Partial<Report>): string[] {
  const [kind = '', first = ''] = verdict(emptyReport(changes)).split('\n');
  return [kind.replace(/^> \[!(.*)\]$/, '$1'), first.replace(/^> /, '').replaceAll('\u00A0', ' ')];
}

describe('whether to go on', () => {
  test.each<[string, Partial<Report>, string, string]>([
    [
      'a precheck without a warning',
      { phase: 'precheck', outcome: 'succeeded', state: 'none', nextPhase: 'canary' },
      'TIP',
      '✅ **Ready to approve:** `canary`. No error and no warning was found.',
    ],
    [
      'a canary with warnings',
      {
        phase: 'canary',
        outcome: 'succeeded',
        state: 'canary',
        nextPhase: 'promote',
        findings: [WARNING, WARNING],
      },
      'IMPORTANT',
      '⚠️ **Read 2 warnings, then approve:** `promote`.',
    ],
    [
      'a promote before the point of no return',
      { phase: 'promote', outcome: 'succeeded', state: 'promoted', nextPhase: 'promote' },
      'IMPORTANT',
      '✅ **Ready to approve:** `promote` with `remove-old: true`, the point of no return. No error and no warning was found.',
    ],
    [
      'a finished upgrade',
      { phase: 'promote', outcome: 'succeeded', state: 'completed' },
      'TIP',
      '☑️ **Nothing to approve.**',
    ],
    [
      'a rollback',
      { phase: 'rollback', outcome: 'rolled-back', state: 'rolled-back', nextPhase: 'precheck' },
      'NOTE',
      '☑️ **Nothing to approve.**',
    ],
    [
      'a precheck during an upgrade: it is no evidence of the canary',
      { phase: 'precheck', outcome: 'succeeded', state: 'canary', nextPhase: 'promote' },
      'TIP',
      '☑️ **Nothing to approve.**',
    ],
    [
      'a canary that finds the mesh promoted: it has not looked at the rest',
      { phase: 'canary', outcome: 'no-changes', state: 'promoted', nextPhase: 'promote' },
      'NOTE',
      '☑️ **Nothing to approve.**',
    ],
    [
      'a rollback that found nothing to do: it is no evidence for a canary',
      { phase: 'rollback', outcome: 'no-changes', state: 'none', nextPhase: 'canary' },
      'NOTE',
      '☑️ **Nothing to approve.**',
    ],
    [
      'a canary that was done already',
      { phase: 'canary', outcome: 'no-changes', state: 'canary', nextPhase: 'promote' },
      'TIP',
      '✅ **Ready to approve:** `promote`. No error and no warning was found.',
    ],
    [
      'a dry run',
      { phase: 'canary', dryRun: true, outcome: 'succeeded', state: 'none', nextPhase: 'canary' },
      'TIP',
      '👀 **This was a dry run: nothing was changed.** Below is what would be.',
    ],
    [
      'a failure',
      { phase: 'canary', outcome: 'failed', state: 'canarying', nextPhase: 'canary' },
      'CAUTION',
      '❌ **Do not approve.** It stopped on the way.',
    ],
    [
      'a refusal',
      { phase: 'canary', outcome: 'refused', state: 'none', nextPhase: 'canary' },
      'WARNING',
      '❌ **Do not approve.** Nothing was touched.',
    ],
    ['a run that goes on', {}, 'NOTE', '⏳ **Not yet.** The run goes on.'],
  ])('%s', (_title, changes, kind, first) => {
    expect(answer(changes)).toEqual([kind, first]);
  });

  test.each(OUTCOMES.filter((outcome) => !['succeeded', 'no-changes'].includes(outcome)))(
    '%s is never ready, whatever else the report says',
    (outcome) => {
      for (const dryRun of [true, false]) {
        const text = verdict(emptyReport({ phase: 'canary', outcome, dryRun, nextPhase: 'promote' }));
        expect(text).not.toMatch(/ready to approve|then approve/i);
      }
    },
  );
});

describe('the way back', () => {
  const how = 'Run rollback.';
  test.each<[string, Partial<Report>, string]>([
    ['there is one', { state: 'canary', rollback: { ready: true, how } }, '✅ ready. Run rollback.'],
    ['there is none', { state: 'completed', rollback: { ready: false, how } }, '⛔ not ready. Run rollback.'],
    ['none is needed', { state: 'none', rollback: { ready: false, how } }, '☑️ not needed. Run rollback.'],
  ])('%s', (_title, changes, text) => {
    expect(verdict(emptyReport(changes)).replaceAll('\u00A0', ' ')).toContain(`> **Way back:** ${text}`);
  });

  test('nothing is said where it is not known', () => {
    expect(verdict(emptyReport({ next: 'x' }))).not.toContain('Way back');
  });
});

describe('the proxies', () => {
  const from = { revision: '1-30-3', version: '1.30.3' };
  const to = { revision: '1-31-0', version: '1.31.0' };
  const shop = { namespace: 'shop', current: 0, target: 5, other: 0, notInSync: 0 };
  const pay = { namespace: 'pay', current: 4, target: 0, other: 0, notInSync: 0 };
  test.each<[string, Partial<Report>, string]>([
    [
      'on both sides: only the target was asked',
      { namespaces: [shop, pay] },
      '5 on the target `1-31-0` (all in sync), 4 on the current `1-30-3`',
    ],
    [
      'some are not in sync, one is elsewhere',
      { namespaces: [{ ...shop, notInSync: 2, other: 1 }, pay] },
      '5 on the target `1-31-0` (2 not in sync), 4 on the current `1-30-3`, 1 elsewhere',
    ],
    [
      'of one namespace nothing is known',
      { namespaces: [shop, { namespace: 'pay', current: 4, target: 0, other: 0 }] },
      '5 on the target `1-31-0` (whether in sync: not seen), 4 on the current `1-30-3`',
    ],
    [
      'a rollback asks the current one',
      { phase: 'rollback', namespaces: [pay] },
      '0 on the target `1-31-0`, 4 on the current `1-30-3` (all in sync)',
    ],
  ])('%s', (_title, changes, text) => {
    const said = verdict(emptyReport({ phase: 'canary', from, to, ...changes }));
    expect(said.split('\n').at(-1)).toBe(`> **Proxies:** ${text}`);
  });
});
