import { expect, test } from '@jest/globals';
import { noLongerPromoted } from '../../../src/engine/no-longer-promoted.ts';
import { record } from '../../support/facts.ts';
import { NEW, OLD, plane, view } from '../../support/mesh.ts';

test('a precheck names what has come to the old side of a promoted mesh', () => {
  const promotedAt = '2026-11-28T12:00:00.000Z';
  const spec = {
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: { newbie: { 'istio.io/rev': OLD.revision } },
  };
  const promoted = view(spec, { record: record({ promotedAt }) });
  expect(noLongerPromoted(promoted, 'promoting')).toEqual([
    expect.stringContaining(
      `promoted at ${promotedAt}, and is not any more: Namespace newbie chooses 1-30-3`,
    ),
  ]);
  expect(noLongerPromoted(promoted, 'promoted')).toEqual([]);
  // Half-way through promote all that is left to be moved is no news.
  expect(noLongerPromoted(view(spec, { record: record({}) }), 'promoting')).toEqual([]);
  expect(
    noLongerPromoted(view({ ...spec, namespaces: {} }, { record: record({ promotedAt }) }), 'promoting'),
  ).toEqual([]);
});
