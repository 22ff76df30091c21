import { describe, expect, test } from '@jest/globals';
import { GONE, type Sides, sidesOf } from '../../../src/decide/sides.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

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
    expect(words(result)).toContain(`give version: ${NEW.version}`);
  });
});
