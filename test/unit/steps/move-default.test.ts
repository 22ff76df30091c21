import { expect, test } from '@jest/globals';
import { renderChange } from '../../../src/istio/change.ts';
import { moveDefault } from '../../../src/steps/move-default.ts';
import { type MeshSpec, NEW, OLD, plane, view } from '../../support/mesh.ts';

/** A mesh whose default is at a revision in all three objects that `tag set` writes, in no order. */
function defaultAt({ revision }: typeof OLD, changes: Partial<MeshSpec> = {}): MeshSpec {
  return {
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { default: revision },
    defaultValidator: revision,
    defaultService: revision,
    ...changes,
  };
}

function planned(side: 'from' | 'to', spec: MeshSpec): readonly string[] {
  return (moveDefault(side).plan?.(view(spec)) ?? []).map(renderChange);
}

test('nothing is to do where all of the default is there', () => {
  expect(planned('to', defaultAt(NEW))).toEqual([]);
  expect(planned('from', defaultAt(OLD))).toEqual([]);
  // Older istioctl make no Service for it.
  expect(planned('to', defaultAt(NEW, { defaultService: undefined }))).toEqual([]);
});

test.each<[string, Partial<MeshSpec>]>([
  ['default tag', { tags: { default: NEW.revision } }],
  ['default validator', { defaultValidator: NEW.revision }],
  ['Service of the default tag', { defaultService: NEW.revision }],
])('stopped when only the %s was written, it is to do in either direction', (what, written) => {
  expect(planned('from', defaultAt(OLD, written))).toEqual([`${what}: ${NEW.revision} → ${OLD.revision}`]);
  expect(planned('to', defaultAt(OLD, written))).toHaveLength(2);
});
