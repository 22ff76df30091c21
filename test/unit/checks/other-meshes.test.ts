import { describe, expect, test } from '@jest/globals';
import { BEFORE_CANARY, BEFORE_PROMOTE } from '../../../src/checks/index.ts';
import { otherMeshes } from '../../../src/checks/other-meshes.ts';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, foreignWebhook, plane } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version)],
  namespaces: { a: { 'istio.io/rev': OLD.revision }, theirs: { 'istio.io/rev': 'blue' } },
  namespaceFacts: { theirs: { foreign: ['blue in istio-blue'] } },
  foreignInjectors: injectorsOf([foreignWebhook('blue', 'istio-blue')]),
};

describe('M03: another mesh in the cluster', () => {
  test('is told once, with its place and its namespaces', () => {
    const found = otherMeshes(checkView(spec));
    expect(found).toMatchObject([{ id: 'other-mesh-present', severity: 'info' }]);
    expect(found[0]?.message).toContain('in istio-blue; they inject theirs. Nothing of it is touched');
  });

  test('is judged by no check', () => {
    for (const checks of [BEFORE_CANARY, BEFORE_PROMOTE]) {
      const objects = checks.flatMap((check) => check(checkView(spec))).map(({ object }) => object);
      expect(objects).not.toContain('Namespace theirs');
    }
  });

  test('has a name that the target was to have: refused before it is there', () => {
    const named = (revision: string, planes = spec.planes): string[] =>
      otherMeshes(
        checkView({ ...spec, planes, foreignInjectors: injectorsOf([foreignWebhook(revision, 'mesh2')]) }),
      ).map(({ id }) => id);
    expect(named(NEW.revision)).toEqual(['revision-taken', 'other-mesh-present']);
    expect(named(OLD.revision)).toEqual(['other-mesh-present']);
    expect(named(NEW.revision, [...spec.planes, plane(NEW.revision, NEW.version)])).toEqual([
      'other-mesh-present',
    ]);
  });

  test('a mesh alone is not told', () => {
    expect(otherMeshes(checkView({ ...spec, foreignInjectors: [], namespaces: { a: {} } }))).toEqual([]);
  });
});

test('T14: a label that nobody serves is left alone, and told', () => {
  const found = otherMeshes(
    checkView({
      planes: [],
      namespaces: {
        a: { 'istio.io/rev': 'gone' },
        b: { 'istio-injection': 'disabled', 'istio.io/rev': 'gone' },
      },
    }),
  );
  expect(found).toMatchObject([
    { id: 'namespace-chooses-nothing', severity: 'warning', object: 'Namespace a' },
  ]);
});

test('in promote a label that names what this upgrade has removed is an error, and no other', () => {
  const left: MeshSpec & { namespaceFacts?: MeshSpec['namespaceFacts'] } = {
    planes: [plane(NEW.revision, NEW.version)],
    namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio.io/rev': 'gone' } },
  };
  const told = (phase: 'canary' | 'promote', planes = left.planes): string[] =>
    otherMeshes(checkView({ ...left, planes }, { phase })).map(
      ({ severity, object, remedy }) =>
        `${severity} ${object ?? ''} ${(remedy ?? '').includes('kubectl label') ? 'led' : ''}`,
    );
  expect(told('promote')).toEqual(['error Namespace a led', 'warning Namespace b ']);
  expect(told('canary')).toEqual(['warning Namespace a ', 'warning Namespace b ']);
  left.namespaceFacts = { a: { terminating: true } };
  expect(told('promote')).toEqual(['warning Namespace b ']);
});

test('what follows a default that promote is about to lead on is not said to be left alone', () => {
  const orphaned: MeshSpec = {
    planes: [plane(NEW.revision, NEW.version)],
    namespaces: { a: { 'istio-injection': 'enabled' }, b: { 'istio.io/rev': 'gone' } },
  };
  const told = (phase: 'canary' | 'promote'): string[] =>
    otherMeshes(checkView(orphaned, { phase })).map(({ message }) => message);
  expect(told('promote')).toEqual([
    expect.stringContaining('until promote leads the default there'),
    expect.stringContaining('It is left alone'),
  ]);
  expect(told('canary')[0]).toContain('It is left alone');
});
