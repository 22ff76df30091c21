import { describe, expect, test } from '@jest/globals';
import { tagMovesOf } from '../../../src/decide/tag-moves.ts';
import type { Phase } from '../../../src/outcome.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

function moves(
  phase: Phase,
  changes: Partial<MeshSpec>,
  { canaryTag, stableTags = [] }: { canaryTag?: string; stableTags?: string[] } = {},
  tags?: UpgradeRecord['tags'],
): Record<string, string | null> {
  const record = tags === undefined ? undefined : ({ tags } as UpgradeRecord);
  return tagMovesOf(
    { phase, canaryTag, stableTags },
    mesh({ planes, ...changes }),
    { from: OLD, to: NEW },
    record,
  );
}
const tags = { default: OLD.revision, prod: OLD.revision, canary: OLD.revision };

describe('which tags a phase moves', () => {
  test('canary: the one that is named, there or not; without a name none', () => {
    expect(moves('canary', { tags })).toEqual({});
    expect(moves('canary', { tags }, { canaryTag: 'canary' })).toEqual({ canary: NEW.revision });
    expect(moves('canary', {}, { canaryTag: 'next' })).toEqual({ next: NEW.revision });
  });

  test('promote: all that lead to the old control plane, and those that are named; never another one’s', () => {
    expect(moves('promote', { tags: { ...tags, third: '1-29-0' } }, { stableTags: ['next'] })).toEqual({
      canary: NEW.revision,
      next: NEW.revision,
      prod: NEW.revision,
    });
  });

  const after = { default: NEW.revision, prod: NEW.revision, made: NEW.revision, third: '1-29-0' };

  test('rollback: all that lead to the canary go to the old control plane, also without a record', () => {
    expect(moves('rollback', { tags: after })).toEqual({ prod: OLD.revision, made: OLD.revision });
  });

  test('rollback: one that the upgrade made goes, but not from under a namespace that follows it by now', () => {
    const known = { prod: OLD.revision, made: null };
    expect(moves('rollback', { tags: after }, {}, known)).toEqual({ prod: OLD.revision, made: null });
    const followed = { tags: after, namespaces: { a: { 'istio.io/rev': 'made' } } };
    expect(moves('rollback', followed, {}, known)).toMatchObject({ made: OLD.revision });
  });

  test('rollback: what Git keeps on the target is for Git to move (M28)', () => {
    const keptTags = [
      { tag: 'prod', revision: NEW.revision, object: 'x', keeper: 'Argo CD', place: 'in Git' as const },
    ];
    expect(moves('rollback', { tags: after, keptTags })).toEqual({ made: OLD.revision });
    const half = { tags: after, keptTags: keptTags.map((kept) => ({ ...kept, revision: OLD.revision })) };
    expect(moves('rollback', half)).toMatchObject({ prod: OLD.revision });
  });

  test('rollback: what is left of a tag that was being removed goes, unless it led elsewhere or is followed', () => {
    const lone = { tagServices: { made: NEW.revision, third: '1-29-0' } };
    expect(moves('rollback', lone)).toEqual({ made: null });
    expect(moves('rollback', lone, {}, { made: OLD.revision })).toEqual({ made: OLD.revision });
    const followed = { ...lone, namespaces: { a: { 'istio.io/rev': 'made' } } };
    expect(moves('rollback', followed)).toEqual({ made: OLD.revision });
    expect(moves('promote', lone)).toEqual({});
  });

  test('rollback: the record sends a tag to a control plane that is there, and nowhere else (M34)', () => {
    const three = { planes: [...planes, plane('1-29-0', '1.29.0')], tags: after };
    expect(moves('rollback', three, {}, { prod: '1-29-0' })).toMatchObject({ prod: '1-29-0' });
    expect(moves('rollback', { tags: after }, {}, { prod: 'gone' })).toMatchObject({ prod: OLD.revision });
  });
});
