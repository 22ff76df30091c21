import { expect, test } from '@jest/globals';
import { tagOrigins } from '../../../src/checks/tag-origins.ts';
import { checkView } from '../../support/check-view.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, plane, view as viewOf } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision, prod: NEW.revision, spare: NEW.revision },
};

function found(recorded: Readonly<Record<string, string | null>> | undefined): string[] {
  const view = checkView(spec, {
    phase: 'rollback',
    upgrade: { ...viewOf(spec).upgrade, tags: { prod: OLD.revision, spare: null } },
    record: recorded === undefined ? undefined : record({ tags: recorded }),
  });
  return tagOrigins(view).map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`);
}

test('a tag that is led back without a record of where it led is told', () => {
  expect(found(undefined)).toEqual(['warning tag-origin-unknown tag prod']);
  expect(found({})).toEqual(['warning tag-origin-unknown tag prod']);
});

test('one whose way back is recorded is not', () => {
  expect(found({ prod: OLD.revision })).toEqual([]);
});
