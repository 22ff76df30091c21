import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { REMEDIES, type Tried } from '../../suite/remedies.ts';
import type { Act, RunAct } from '../../suite/scenario.ts';
import { SCENARIOS } from '../../suite/scenarios/index.ts';

const WELL: readonly string[] = ['succeeded', 'no-changes', 'rolled-back'];
const FOLLOWED = Object.entries(REMEDIES).filter(
  (row): row is [string, Extract<Tried, { readonly followed: string }>] => 'followed' in row[1],
);

/** Ids of the findings that may be errors, as docs/findings.md has them. */
function errorsInDocuments(): string[] {
  const text = readFileSync('docs/findings.md', 'utf8');
  return [...text.matchAll(/^\| `([a-z0-9-]+)` +\| [^|]*❌/gm)].map(([, id = '']) => id).sort();
}

const runsOf = (acts: readonly Act[]): RunAct[] => acts.filter((act) => 'run' in act);
const has = ({ then }: RunAct, id: string): boolean => (then.errors ?? []).includes(id);

/** A run has the error, and then the phase that the remedy sends to ends well, before the error comes again. */
function getsOn(acts: readonly Act[], id: string, by: string | undefined): boolean {
  const runs = runsOf(acts);
  return runs.some((run, index) => {
    if (!has(run, id)) return false;
    const later = runs.slice(index + 1).filter((each) => each.run === (by ?? run.run));
    const well = later.findIndex(({ then }) => WELL.includes(then.outcome));
    return well !== -1 && !later.slice(0, well).some((each) => has(each, id));
  });
}

/** What is asked of a run, without what is expected of it. */
const asked = ({ run, inputs, credential, mirror, patience }: RunAct): string =>
  JSON.stringify([run, inputs, credential, mirror, patience]);

/** Runs that end with an error when nothing was done since the same run ended with it. */
function circles(acts: readonly Act[]): string[] {
  return acts.flatMap((act, index) => {
    const before = acts[index - 1];
    if (before === undefined || !('run' in act) || !('run' in before) || asked(act) !== asked(before))
      return [];
    return (act.then.errors ?? []).filter((id) => has(before, id));
  });
}

describe('remedies', () => {
  test('each error of docs/findings.md has its row, and no other', () => {
    expect(Object.keys(REMEDIES).sort()).toEqual(errorsInDocuments());
  });

  test.each(FOLLOWED)('%s: what it says is done, and gets on', (id, { followed, by }) => {
    const scenario = SCENARIOS.find((each) => each.id === followed);
    expect(scenario?.id).toBe(followed);
    expect(getsOn(scenario?.acts ?? [], id, by)).toBe(true);
  });

  test('who is not followed says why, and what else shows it is there', () => {
    for (const row of Object.values(REMEDIES)) {
      if ('followed' in row) continue;
      expect(row.notHere).not.toBe('');
      if (row.shown !== undefined) expect([row.shown, existsSync(row.shown)]).toEqual([row.shown, true]);
    }
  });

  test.each(SCENARIOS)('$id leads in no circle', ({ acts }) => {
    expect(circles(acts)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const refused = { run: 'promote', then: { outcome: 'refused', errors: ['x'] } } as const;
  const good = { run: 'promote', then: { outcome: 'succeeded' } } as const;
  const event = { event: { quiet: true } } as const;

  test.each<[string, readonly Act[], boolean]>([
    ['a good run of the phase', [refused, event, good], true],
    ['none', [refused, event], false],
    ['none of this phase', [refused, event, { ...good, run: 'canary' }], false],
    ['the error once more before it', [refused, event, refused], false],
    [
      'another error before it',
      [refused, event, { ...refused, then: { ...refused.then, errors: ['y'] } }, good],
      true,
    ],
  ])('after the error %s', (_, acts, yes) => {
    expect(getsOn(acts, 'x', undefined)).toBe(yes);
  });

  test('the same run with the same error is a circle, but not when something was done', () => {
    expect(circles([refused, refused])).toEqual(['x']);
    expect(circles([refused, event, refused])).toEqual([]);
    expect(circles([refused, { ...refused, inputs: { version: '1' } }])).toEqual([]);
  });
});
