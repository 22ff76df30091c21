import { describe, expect, test } from '@jest/globals';
import { type Selected, selectNamespaces } from '../../../src/decide/selection.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision },
  namespaces: {
    a: { 'istio-injection': 'enabled', team: 'blue' },
    b: { 'istio-injection': 'enabled', team: 'red' },
    c: { 'istio.io/rev': OLD.revision, team: 'blue' },
    outside: { team: 'blue' },
    disabled: { 'istio-injection': 'disabled', 'istio.io/rev': OLD.revision, team: 'blue' },
    nobody: { 'istio.io/rev': 'gone', team: 'blue' },
    theirs: { 'istio.io/rev': 'blue' },
    going: { 'istio-injection': 'enabled', team: 'blue' },
  },
  namespaceFacts: { going: { terminating: true }, theirs: { foreign: ['blue in istio-blue'] } },
};

function select(
  { names = [], selectors = [] }: { names?: readonly string[]; selectors?: readonly string[] },
  changes: Partial<MeshSpec> = {},
): Selected {
  return selectNamespaces({ names, selectors }, mesh({ ...spec, ...changes }), { from: OLD, to: NEW });
}

function problems({ findings }: Selected): string[] {
  return findings.map(({ id, object = '' }) => `${id} ${object}`.trim());
}

describe("the canary's namespaces", () => {
  test('those that are named, and those of the mesh that a selector matches', () => {
    expect(select({ names: ['c'], selectors: ['team=red'] })).toEqual({ names: ['b', 'c'], findings: [] });
    expect(select({ selectors: ['team=blue'] }).names).toEqual(['a', 'c']);
    expect(select({ selectors: ['team in (blue, red)', '!team'] }).names).toEqual(['a', 'b', 'c']);
    expect(select({})).toEqual({ names: [], findings: [] });
  });

  test('M05: a selector over a label that the move takes away selects what it selected at first', () => {
    const first = select({ selectors: ['istio-injection=enabled'] });
    expect(first).toEqual({ names: ['a', 'b'], findings: [] });
    const originals = { 'istio-injection': 'enabled', 'istio.io/rev': null };
    const moved = { 'istio.io/rev': NEW.revision, team: 'blue' };
    // Killed after the first namespace, and at the end.
    expect(
      select(
        { selectors: ['istio-injection=enabled'] },
        { namespaces: { ...spec.namespaces, a: moved }, originals: { a: originals } },
      ),
    ).toEqual(first);
    expect(
      select(
        { selectors: ['istio-injection=enabled'] },
        { namespaces: { ...spec.namespaces, a: moved, b: moved }, originals: { a: originals, b: originals } },
      ),
    ).toEqual(first);
  });

  test('M05: a move makes nothing match that did not before', () => {
    const moved = { 'istio.io/rev': NEW.revision, team: 'blue' };
    const selected = select(
      { selectors: [`istio.io/rev=${NEW.revision}`] },
      {
        namespaces: { ...spec.namespaces, a: moved },
        originals: { a: { 'istio-injection': 'enabled', 'istio.io/rev': null } },
      },
    );
    expect(problems(selected)).toEqual(['no-namespace-selected']);
  });

  test('a selector that matches nothing beside what is found is told, and stops nobody', () => {
    const selected = select({ names: ['a'], selectors: ['team=nobody'] });
    expect(selected.names).toEqual(['a']);
    expect(selected.findings).toMatchObject([
      {
        id: 'no-namespace-selected',
        severity: 'warning',
        message: 'no namespace of the mesh matches team=nobody',
      },
    ]);
    expect(select({ names: ['a'] }).findings).toEqual([]);
  });

  test('M37: an annotation that does not fit the labels selects nothing', () => {
    const selected = select(
      { selectors: ['istio-injection=enabled'] },
      { originals: { c: { 'istio-injection': 'enabled', 'istio.io/rev': null } } },
    );
    expect(selected.names).toEqual(['a', 'b']);
  });

  test.each([
    ['that does not exist', 'missing', 'namespace-not-found', 'does not exist'],
    ['without a label', 'outside', 'namespace-not-in-mesh', 'no label to move'],
    ['M29: where injection is disabled', 'disabled', 'namespace-not-in-mesh', 'istio-injection=disabled'],
    ['that chooses what nobody serves', 'nobody', 'namespace-not-in-mesh', 'nobody serves'],
    ['M03: of another mesh', 'theirs', 'namespace-not-in-mesh', 'blue in istio-blue'],
  ])('one %s is refused by name', (_, name, id, words) => {
    const selected = select({ names: ['a', name] });
    expect(problems(selected)).toEqual([`${id} Namespace ${name}`]);
    expect(selected.findings[0]?.message).toContain(words);
  });

  test('in place a namespace is in the mesh by what is injected there, too: no label is moved', () => {
    const inside = {
      ...spec,
      workloads: [workload('outside/web')],
      pods: [pod('istio-system/gateway-1', OLD.revision)],
    };
    const sides = { from: OLD, to: { ...OLD, version: NEW.version } };
    const chosen = (name: string) =>
      problems(selectNamespaces({ names: [name], selectors: [] }, mesh(inside), sides));
    expect(chosen('outside')).toEqual([]);
    expect(chosen('nobody')).toEqual(['namespace-not-in-mesh Namespace nobody']);
    expect(problems(select({ names: ['outside'] }, { workloads: [workload('outside/web')] }))).toHaveLength(
      1,
    );
  });

  test('M41: one that is being deleted is left alone, and alone it is no canary', () => {
    expect(select({ names: ['a', 'going'] })).toEqual({ names: ['a'], findings: [] });
    expect(problems(select({ names: ['going'] }))).toEqual(['no-namespace-selected']);
  });
});

test('a default that went with the target comes back by rollback: no other namespace is in the mesh by its label, either', () => {
  const orphaned: Partial<MeshSpec> = {
    planes: [plane(OLD.revision, OLD.version)],
    tags: {},
    pods: [pod('a/p', NEW.revision)],
  };
  const remedy = (changes: Partial<MeshSpec>): unknown =>
    select({ names: ['a'] }, changes).findings[0]?.remedy;
  expect(remedy(orphaned)).toContain('Run rollback (version: 1.31.0, revision: 1-31-0)');
  expect(remedy({ ...orphaned, pods: [] })).toBe('Choose a namespace that is in the mesh by its label.');
});
