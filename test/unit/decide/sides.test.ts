import { describe, expect, test } from '@jest/globals';
import { GONE, type Sides, sidesOf } from '../../../src/decide/sides.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const both: MeshSpec = { planes: [old, target], tags: { default: OLD.revision } };
const NOTHING = { version: undefined, revision: undefined };
const ASKED = { version: NEW.version, revision: NEW.revision };
type Phase = 'precheck' | 'canary' | 'promote' | 'rollback';

function sides(phase: Phase, spec: MeshSpec, known?: UpgradeRecord, wanted: object = ASKED): Sides {
  return sidesOf({ phase, ...NOTHING, ...wanted }, mesh(spec), known);
}

function refusal(result: Sides): string[] {
  return result.kind === 'refused' ? result.findings.map(({ id }) => id) : [result.kind];
}

function words(result: Sides): string {
  return result.kind === 'refused'
    ? result.findings.map(({ message, remedy = '' }) => `${message}\n${remedy}`).join('\n')
    : '';
}

describe('the sides of an upgrade', () => {
  test('a new one: from what is there to what is asked', () => {
    expect(sides('canary', { planes: [old], tags: { default: OLD.revision } })).toMatchObject({
      kind: 'sides',
      from: OLD,
      to: NEW,
    });
  });

  test('a lost record: both are told from the planes and the default', () => {
    expect(sides('rollback', { ...both, planes: [target, old] })).toMatchObject({ from: OLD, to: NEW });
  });

  test('promoted and without record: the default is at the target, and from is the other one all the same', () => {
    expect(sides('rollback', { ...both, tags: { default: NEW.revision } })).toMatchObject({
      from: OLD,
      to: NEW,
    });
  });

  test('the record tells the target where the inputs do not', () => {
    expect(sides('promote', both, record(), NOTHING)).toMatchObject({ to: NEW });
    expect(refusal(sides('promote', both, undefined, NOTHING))).toEqual(['target-unknown']);
    expect(refusal(sides('rollback', { planes: [old] }, undefined, NOTHING))).toEqual(['nothing']);
  });

  test('the mesh tells the version of a revision that is given alone', () => {
    expect(sides('rollback', both, undefined, { revision: NEW.revision })).toMatchObject({
      from: OLD,
      to: NEW,
    });
  });

  test('a canary under a name of its own is found by its version, also without record (M01)', () => {
    const next = { planes: [old, plane('next', NEW.version)], tags: { default: OLD.revision } };
    const own = record({ to: { revision: 'next', version: NEW.version } });
    for (const known of [own, undefined]) {
      expect(sides('promote', next, known)).toMatchObject({ from: OLD, to: { revision: 'next' } });
    }
  });

  test('inputs outweigh the record: another upgrade under way is told, and not done instead', () => {
    const wanted = { version: '1.32.0', revision: '1-32-0' };
    expect(refusal(sides('canary', both, record(), wanted))).toEqual(['other-upgrade-under-way']);
    expect(words(sides('canary', both, record(), wanted))).toContain(
      `roll it back with version: ${NEW.version} and revision: ${NEW.revision}`,
    );
    // One that has ended, or of which nothing is left, is not under way.
    expect(sides('canary', both, record({ endedAt: '2026-11-28T01:00:00Z' }), wanted).kind).toBe('sides');
    expect(sides('canary', { planes: [old] }, record(), wanted)).toMatchObject({ to: wanted });
    // Nor is one whose old control plane was removed by hand: nothing is left to finish or to roll back.
    expect(sides('canary', { planes: [target] }, record(), wanted)).toMatchObject({ from: NEW, to: wanted });
    const inPart: MeshSpec = { planes: [target], tags: { prod: OLD.revision } };
    expect(words(sides('canary', inPart, record(), wanted))).toContain(
      'promote (version: 1.31.0 and revision: 1-31-0, remove-old: true)',
    );
  });

  test('a rollback that has not ended is under way, also where its canary is gone: nothing but it closes its record', () => {
    const wanted = { version: '1.32.0', revision: '1-32-0' };
    const back = record({ intent: 'rollback' });
    const refused = sides('canary', { planes: [old] }, back, wanted);
    expect(refusal(refused)).toEqual(['other-upgrade-under-way']);
    expect(words(refused)).toContain(
      `Run rollback again, with version: ${NEW.version} and revision: ${NEW.revision}`,
    );
    // One that has lost what it goes back to can't be ended, and holds nobody up.
    for (const other of [target, plane('1-31-5', '1.31.5')])
      expect(sides('canary', { planes: [other] }, back, wanted)).toMatchObject({
        from: { revision: other.revision },
        to: wanted,
      });
  });

  test('a name that was given is no guess, and that of an upgrade which has ended and gone is nothing to a new one', () => {
    const own = record({ to: { revision: 'blue', version: NEW.version } });
    const ended = { ...own, endedAt: '2026-11-28T01:00:00Z' };
    const given = { ...ASKED, revisionGiven: true };
    const blue: MeshSpec = { planes: [old, plane('blue', NEW.version)] };
    for (const wanted of [ASKED, given])
      expect(sides('canary', { planes: [old] }, ended, wanted)).toMatchObject({ to: NEW });
    expect(refusal(sides('canary', blue, own, given))).toEqual(['other-upgrade-under-way']);
    expect(sides('canary', blue, own)).toMatchObject({ to: { revision: 'blue' } });
    // A second rollback is still about what the first one took away.
    expect(sides('rollback', { planes: [old] }, ended)).toMatchObject({ to: { revision: 'blue' } });
  });

  test('a rollback finds no upgrade only where there is a mesh, and all of it is on what is there', () => {
    const rollback = (spec: MeshSpec): Sides => sides('rollback', spec, undefined, NOTHING);
    expect(refusal(rollback({ planes: [] }))).toEqual(['no-control-plane']);
    const orphaned: MeshSpec = { planes: [old], pods: [pod('a/p', NEW.revision)] };
    expect(refusal(rollback(orphaned))).toEqual(['target-unknown']);
    expect(words(rollback(orphaned))).toContain('Give version: 1.31.0 and revision: 1-31-0');
    expect(sides('rollback', orphaned)).toMatchObject({ from: OLD, to: NEW });
    // What is older than what is there was left behind before: no version that could be given leads it on.
    expect(refusal(rollback({ planes: [target], pods: [pod('a/p', OLD.revision)] }))).toEqual(['nothing']);
  });

  test('no istiod but the target: the old side is gone', () => {
    expect(sides('rollback', { planes: [target] })).toMatchObject({ from: GONE, to: NEW });
    // The record still knows what it was.
    expect(sides('rollback', { planes: [target] }, record())).toMatchObject({ from: OLD, to: NEW });
  });

  test('M11: the record of an upgrade that has ended does not say where the next one comes from', () => {
    const ended = record({
      endedAt: '2026-11-28T01:00:00Z',
      from: { revision: '1-29-6', version: '1.29.6' },
    });
    expect(sides('rollback', both, ended)).toMatchObject({ from: OLD, to: NEW });
  });
});

describe('M01: an upgrade goes up, in every phase', () => {
  test.each<[Phase]>([['promote'], ['rollback']])(
    '%s with the older version is refused, and told the newer one',
    (phase) => {
      for (const spec of [both, { ...both, tags: { default: NEW.revision } }]) {
        const result = sides(phase, spec, undefined, { version: OLD.version, revision: OLD.revision });
        expect(refusal(result)).toEqual(['target-not-newer']);
        expect(words(result)).toContain(`give version: ${NEW.version}`);
      }
    },
  );

  test.each<[Phase]>([['precheck'], ['canary']])(
    'in %s the check of the versions says it, with more words',
    (phase) => {
      expect(
        sides(phase, { planes: [target] }, undefined, { version: '1.30.9', revision: '1-30-9' }),
      ).toEqual({
        kind: 'sides',
        from: NEW,
        to: { revision: '1-30-9', version: '1.30.9' },
      });
    },
  );

  test('without version and record both candidates are named, and the newer one is to be given', () => {
    const result = sides('rollback', both, undefined, NOTHING);
    expect(refusal(result)).toEqual(['target-unknown']);
    expect(words(result)).toContain(`${OLD.version} (revision ${OLD.revision})`);
    expect(words(result)).toContain(`${NEW.version} (revision ${NEW.revision})`);
    expect(words(result)).toContain(`Give version: ${NEW.version} (and revision: ${NEW.revision})`);
  });

  test('the newer one is told by its version, not by its place or by its name', () => {
    const crossed: MeshSpec = { planes: [plane('z', '1.9.9'), plane('a', '1.10.0')] };
    expect(words(sides('rollback', crossed, undefined, NOTHING))).toContain(
      'Give version: 1.10.0 (and revision: a)',
    );
    const reversed: MeshSpec = { planes: [...crossed.planes].reverse() };
    expect(words(sides('promote', reversed, undefined, NOTHING))).toContain(
      'Give version: 1.10.0 (and revision: a)',
    );
  });

  test('a revision that is not there is no target, and is named', () => {
    const result = sides('rollback', both, undefined, { revision: 'x' });
    expect(words(result)).toContain('no control plane of revision x');
  });

  test.each<[string, string]>([
    ['older', OLD.version],
    ['newer', '1.32.0'],
  ])('M35: the unrevisioned control plane is never a target: %s', (_, version) => {
    const spec: MeshSpec = { planes: [plane('default', version), target], tags: { default: NEW.revision } };
    const result = sides('rollback', spec, undefined, { version, revision: 'default' });
    expect(refusal(result)).toEqual(['target-not-newer']);
    // The older of the two would be refused as well.
    expect(words(result)).toContain(version === OLD.version ? `give version: ${NEW.version}` : 'by hand');
  });

  test.each(['1.31.0', '1.32.0'])(
    'an old control plane that somebody upgraded to %s leads in no circle',
    (is) => {
      const spec: MeshSpec = { planes: [plane('default', is), target] };
      for (const phase of ['promote', 'rollback'] as const) {
        expect(words(sides(phase, spec))).toContain('docs/rollback.md says how');
        expect(words(sides(phase, spec))).not.toContain('give version');
        expect(words(sides(phase, spec, undefined, NOTHING))).not.toContain(`Give version: ${is}`);
      }
    },
  );
});
