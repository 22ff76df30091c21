import { describe, expect, test } from '@jest/globals';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import { expand } from '../../suite/expand.ts';
import { MESHES, RECORD } from '../../suite/scenarios/shop.ts';
import { SCENARIOS } from '../../suite/scenarios/index.ts';
import { PHASES } from '../../../src/outcome.ts';

describe('scenarios are data', () => {
  test('nothing in them but what JSON holds', () => {
    expect(JSON.parse(JSON.stringify(SCENARIOS))).toStrictEqual(SCENARIOS);
  });

  test('each has an id of its own', () => {
    expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
    expect(SCENARIOS.map(({ id }) => id).filter((id) => !/^[a-z0-9.-]+$/.test(id))).toEqual([]);
  });

  test('inputs are those of action.yml', () => {
    const known = Object.keys(readActionMetadata().inputs);
    const given = SCENARIOS.flatMap(({ acts }) =>
      acts.flatMap((act) => ('run' in act ? Object.keys(act.inputs ?? {}) : [])),
    );
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('what is compared with was kept before', () => {
    for (const { acts } of SCENARIOS) {
      const kept = ['start'];
      for (const act of acts) {
        if ('keep' in act) kept.push(act.keep);
        else
          for (const name of [act.then?.same, act.then?.differs])
            if (name !== undefined) expect(kept).toContain(name);
      }
    }
  });

  test('both meshes and all phases are there', () => {
    expect(new Set(SCENARIOS.map(({ mesh }) => mesh))).toEqual(new Set(MESHES));
    const runs = SCENARIOS.flatMap(({ acts }) => acts.flatMap((act) => ('run' in act ? [act.run] : [])));
    expect(new Set(runs)).toEqual(new Set(PHASES));
  });

  test('a run that is to be done again is done with the record and without', () => {
    const run = {
      run: 'promote',
      inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
      again: true,
      then: { outcome: 'succeeded', state: 'completed', same: 'start', errors: [] },
    } as const;
    const still = { outcome: 'no-changes', asked: 'no-write' };
    expect(expand(run)).toEqual([
      { ...run, again: false },
      { run: 'promote', inputs: run.inputs, then: { ...still, state: 'completed', same: 'start' } },
      { event: { take: RECORD } },
      { run: 'promote', inputs: { version: '1.31.0', ...run.inputs }, then: still },
      { event: { giveBack: RECORD } },
    ]);
  });
});
