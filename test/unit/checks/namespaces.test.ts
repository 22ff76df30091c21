import { describe, expect, test } from '@jest/globals';
import { namespaces } from '../../../src/checks/namespaces.ts';
import type { MeshNamespace } from '../../../src/istio/mesh.ts';
import type { Phase, UpgradeState } from '../../../src/outcome.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const byInjection = { 'istio-injection': 'enabled' };
const byRevision = { 'istio.io/rev': OLD.revision };
const keeps = (...labels: string[]): Partial<MeshNamespace> => ({ git: { tool: 'Argo CD', labels } });

function found(
  spec: Partial<MeshSpec>,
  phase: Phase = 'canary',
  scope = ['a'],
  state: UpgradeState = 'none',
): string[] {
  const view = checkView(
    { planes: [old, target], tags: { default: OLD.revision }, ...spec },
    {
      phase,
      state,
      upgrade: { attempt: 'x', from: OLD, to: NEW, scope: { namespaces: scope, tags: [] }, tags: {} },
    },
  );
  return namespaces(view).map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`);
}

const refused = ['error git-owns-labels Namespace a'];

describe('M28: a label that Git keeps', () => {
  test.each<[Phase, string, Record<string, string>, string, string[], string[]]>([
    [
      'canary',
      'a follower of the default in the canary: it must change',
      byInjection,
      'istio-injection',
      ['a'],
      refused,
    ],
    ['canary', 'a follower outside: it moves with the default', byInjection, 'istio-injection', ['b'], []],
    ['promote', 'a follower: it moves with the default', byInjection, 'istio-injection', ['a'], []],
    ['precheck', 'a follower outside of the canary', byInjection, 'istio-injection', ['b'], []],
    ['canary', 'a revision in the canary', byRevision, 'istio.io/rev', ['a'], refused],
    ['canary', 'a revision outside of the canary', byRevision, 'istio.io/rev', ['b'], []],
    ['promote', 'a revision anywhere', byRevision, 'istio.io/rev', ['b'], refused],
    [
      'precheck',
      'a revision anywhere: precheck speaks for all phases',
      byRevision,
      'istio.io/rev',
      ['b'],
      refused,
    ],
  ])('in %s, %s', (phase, _, labels, kept, scope, expected) => {
    expect(found({ namespaces: { a: labels }, namespaceFacts: { a: keeps(kept) } }, phase, scope)).toEqual(
      expected,
    );
  });

  test('one that is on the target already need not change', () => {
    const namespace = { a: { 'istio.io/rev': NEW.revision } };
    expect(found({ namespaces: namespace, namespaceFacts: { a: keeps('istio.io/rev') } })).toEqual([]);
  });
});

describe('what chooses more than one, or too early', () => {
  test("M03: another mesh's injector beside ours overlaps; alone it is none of our business", () => {
    const foreign = { foreign: ['blue in istio-blue'] };
    expect(found({ namespaces: { a: byRevision }, namespaceFacts: { a: foreign } })).toEqual([
      'error injectors-overlap Namespace a',
    ]);
    expect(found({ namespaces: { a: { 'istio.io/rev': 'blue' } }, namespaceFacts: { a: foreign } })).toEqual(
      [],
    );
  });

  test('M29: istio-injection=disabled beside istio.io/rev is no finding', () => {
    expect(found({ namespaces: { a: { 'istio-injection': 'disabled', 'istio.io/rev': 'gone' } } })).toEqual(
      [],
    );
  });

  test('M40: a label that names the target before it is there', () => {
    const namespace = { a: { 'istio.io/rev': NEW.revision } };
    expect(found({ planes: [old], namespaces: namespace })).toEqual([
      'error namespace-chooses-target-already Namespace a',
    ]);
    expect(found({ namespaces: namespace })).toEqual([]);
    const facts = { a: { foreign: [`${NEW.revision} in mesh2`] } };
    expect(found({ planes: [old], namespaces: namespace, namespaceFacts: facts })).toEqual([]);
  });

  test('M40: the same while its injector is missing, but for what was moved there', () => {
    const namespaces = { a: { 'istio.io/rev': NEW.revision } };
    const facts = { injectedBy: [] };
    expect(found({ namespaces, namespaceFacts: { a: facts } })).toEqual([
      'error namespace-chooses-target-already Namespace a',
    ]);
    const moved = { ...facts, originals: { 'istio.io/rev': OLD.revision, 'istio-injection': null } };
    expect(found({ namespaces, namespaceFacts: { a: moved } })).toEqual([]);
  });

  test('a canary of nothing but what chooses the target already is none (story 116001:909)', () => {
    const labels = { a: { 'istio.io/rev': NEW.revision } };
    const told = (changes: Partial<MeshSpec>, state: UpgradeState): string[] =>
      found({ namespaces: labels, ...changes }, 'canary', ['a'], state);
    expect(told({}, 'canarying')).toEqual(['error namespace-chooses-target-already Namespace a']);
    expect(told({}, 'promoted')).toEqual([]);
    const originals = { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } };
    expect(told({ originals }, 'canarying')).toEqual([]);
    expect(told({ namespaces: { a: { 'istio.io/rev': OLD.revision } } }, 'canarying')).toEqual([]);
  });

  test('M41: a namespace that is being deleted is no finding', () => {
    const both = { foreign: ['blue in istio-blue'], terminating: true, ...keeps('istio.io/rev') };
    expect(found({ namespaces: { a: byRevision }, namespaceFacts: { a: both } })).toEqual([]);
  });
});
