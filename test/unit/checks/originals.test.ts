import { describe, expect, test } from '@jest/globals';
import { originals } from '../../../src/checks/originals.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision },
};
const moved = { 'istio.io/rev': NEW.revision };

function found(changes: Partial<MeshSpec>, phase: 'canary' | 'promote' | 'rollback' = 'rollback'): string[] {
  return originals(checkView({ ...spec, ...changes }, { phase })).map(
    ({ severity, id, object = '' }) => `${severity} ${id} ${object}`,
  );
}

describe('what an annotation says that is not to be believed, or leads nowhere', () => {
  test('nothing is told of namespaces that this upgrade moved, or never touched', () => {
    expect(
      found({
        namespaces: { a: moved, b: { 'istio.io/rev': OLD.revision } },
        originals: { a: { 'istio-injection': null, 'istio.io/rev': OLD.revision } },
      }),
    ).toEqual([]);
  });

  test.each(['canary', 'promote', 'rollback'] as const)(
    'M37: in %s, one that can not be read, and one of a namespace that was never moved: by name, as warnings',
    (phase) => {
      expect(
        found(
          {
            namespaces: { odd: moved, stale: { 'istio.io/rev': OLD.revision } },
            originals: { stale: { 'istio-injection': 'enabled', 'istio.io/rev': null } },
            namespaceFacts: { odd: { unreadableOriginals: '{' } },
          },
          phase,
        ),
      ).toEqual([
        'warning original-labels-unreadable Namespace odd',
        'warning original-labels-stale Namespace stale',
      ]);
    },
  );

  test('M11: rollback tells one that leads to a revision that is gone; promote does not go there', () => {
    const gone = {
      namespaces: { a: moved },
      originals: { a: { 'istio-injection': null, 'istio.io/rev': '1-29-6' } },
    };
    expect(found(gone)).toEqual(['warning original-labels-lead-elsewhere Namespace a']);
    expect(found(gone, 'promote')).toEqual([]);
  });
});
