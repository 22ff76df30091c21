import { describe, expect, test } from '@jest/globals';
import {
  followsByGit,
  isMoved,
  labelsBefore,
  meshNamespaces,
  movedNamespaces,
  restorableNamespaces,
  returningNamespaces,
  stayingNamespaces,
} from '../../../src/istio/scope.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const moved = { 'istio.io/rev': NEW.revision };
const named = { 'istio-injection': null, 'istio.io/rev': OLD.revision };
const follower = { 'istio-injection': 'enabled', 'istio.io/rev': null };
const spec: MeshSpec = {
  planes,
  tags: { default: OLD.revision },
  namespaces: {
    follower: moved,
    named: moved,
    hand: moved,
    lost: moved,
    going: moved,
    still: { 'istio.io/rev': OLD.revision },
  },
  originals: {
    follower,
    named,
    lost: { 'istio-injection': null, 'istio.io/rev': '1-29-6' },
    going: named,
    still: follower,
  },
  namespaceFacts: { going: { terminating: true } },
};
const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);

describe('the namespaces of a mesh', () => {
  test('are those that choose a control plane of it; not another mesh (M03), disabled (M29) or going (M41)', () => {
    const all = mesh({
      planes,
      tags: { default: OLD.revision },
      namespaces: {
        a: { 'istio-injection': 'enabled' },
        disabled: { 'istio-injection': 'disabled', 'istio.io/rev': OLD.revision },
        theirs: { 'istio.io/rev': 'blue' },
        plain: {},
        going: { 'istio.io/rev': OLD.revision },
      },
      namespaceFacts: { theirs: { foreign: ['blue in istio-blue'] }, going: { terminating: true } },
    });
    expect(names(meshNamespaces(all))).toEqual(['a']);
  });
});

describe('M37: moved is the annotation and the labels as a move leaves them', () => {
  const of = (name: string, changes: Partial<MeshSpec> = {}) => {
    const found = mesh({ ...spec, ...changes }).namespaces.find((item) => item.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test('and nothing else', () => {
    expect(names(movedNamespaces(mesh(spec), NEW.revision))).toEqual(['follower', 'named', 'lost']);
    expect(isMoved(of('hand'), NEW.revision)).toBe(false);
    expect(isMoved(of('still'), NEW.revision)).toBe(false);
    const both = { namespaces: { follower: { ...moved, 'istio-injection': 'enabled' } } };
    expect(isMoved(of('follower', both), NEW.revision)).toBe(false);
  });

  test('only then the labels of before are what the annotation says', () => {
    expect(labelsBefore(of('follower'), NEW.revision)).toEqual({ 'istio-injection': 'enabled' });
    expect(labelsBefore(of('still'), NEW.revision)).toEqual({ 'istio.io/rev': OLD.revision });
  });
});

describe('which labels are put back', () => {
  test('promote: those that choose the target by then', () => {
    expect(names(restorableNamespaces(mesh(spec), NEW.revision))).toEqual([]);
    const after = mesh({ ...spec, tags: { default: NEW.revision } });
    expect(names(restorableNamespaces(after, NEW.revision))).toEqual(['follower']);
  });

  test('M11: rollback: those that lead to where it goes, wherever the default is now', () => {
    for (const revision of [OLD.revision, NEW.revision]) {
      const now = mesh({ ...spec, tags: { default: revision } });
      expect(names(returningNamespaces(now, NEW.revision, OLD.revision))).toEqual(['follower', 'named']);
    }
  });

  test('M40: what somebody else labelled for the target stays there, and what leads nowhere', () => {
    expect(names(stayingNamespaces(mesh(spec), NEW.revision, OLD.revision))).toEqual(['hand', 'lost']);
  });

  test('M40: one that follows the default goes back with it', () => {
    const promoted: MeshSpec = {
      planes,
      tags: { default: NEW.revision },
      namespaces: { a: { 'istio-injection': 'enabled' } },
    };
    expect(stayingNamespaces(mesh(promoted), NEW.revision, OLD.revision)).toEqual([]);
  });
});

test.each([
  ['Git keeps it', { 'istio-injection': 'enabled' }, ['istio-injection'], true],
  ['Git keeps another', { 'istio-injection': 'enabled' }, ['istio.io/rev'], false],
  ['a revision is named', { 'istio.io/rev': OLD.revision }, ['istio.io/rev'], false],
])('M28: a namespace follows the default by Git: %s', (_, labels, kept, expected) => {
  const facts = { a: { git: { tool: 'Argo CD', labels: kept } } };
  const [namespace] = mesh({
    planes,
    namespaces: { a: labels },
    namespaceFacts: facts,
  }).namespaces;
  expect(namespace && followsByGit(namespace)).toBe(expected);
});
