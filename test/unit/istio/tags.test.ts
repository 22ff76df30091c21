import { describe, expect, test } from '@jest/globals';
import { renderChange } from '../../../src/istio/change.ts';
import { returningNamespaces, takenNamespaces } from '../../../src/istio/scope.ts';
import { danglingTags, followersOf, tagChanges, tagsLeadingTo } from '../../../src/istio/tags.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const spec: MeshSpec = {
  planes,
  tags: { default: OLD.revision, prod: OLD.revision, canary: NEW.revision },
  tagServices: { prod: OLD.revision, canary: NEW.revision },
  namespaces: {
    a: { 'istio.io/rev': 'prod' },
    b: { 'istio.io/rev': 'canary' },
    both: { 'istio.io/rev': 'prod', 'istio-injection': 'enabled' },
    going: { 'istio.io/rev': 'prod' },
  },
  namespaceFacts: { going: { terminating: true } },
};
const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
const changes = (changed: Partial<MeshSpec>, moves: Record<string, string | null>): string[] =>
  tagChanges(mesh({ ...spec, ...changed }), moves).map(renderChange);

describe('revision tags', () => {
  test('have the namespaces that follow them: not by a label that loses (H15), nor one that is being deleted', () => {
    expect(names(followersOf(mesh(spec), ['prod']))).toEqual(['a']);
  });

  test('H13: lead to a revision with either of their objects; the default is none of them', () => {
    expect(tagsLeadingTo(mesh(spec), OLD.revision)).toEqual(['prod']);
    const half = mesh({ ...spec, tagServices: { prod: NEW.revision, canary: NEW.revision } });
    expect(tagsLeadingTo(half, OLD.revision)).toEqual(['prod']);
    expect(tagsLeadingTo(half, NEW.revision)).toEqual(['prod', 'canary']);
  });

  test('H14: dangle where there is no control plane of what they lead to', () => {
    expect(danglingTags(mesh(spec))).toEqual([]);
    expect(danglingTags(mesh({ ...spec, tags: { prod: 'gone' } })).map(({ tag }) => tag)).toEqual(['prod']);
  });

  test('are moved with the namespaces that they reach', () => {
    expect(changes({}, { prod: NEW.revision, canary: NEW.revision })).toEqual([
      `tag prod: ${OLD.revision} → ${NEW.revision} (reaches every new pod of Namespace a)`,
    ]);
    expect(changes({}, { next: NEW.revision, canary: null })).toEqual([
      `tag next: none → ${NEW.revision}`,
      `tag canary: ${NEW.revision} → none (reaches every new pod of Namespace b)`,
    ]);
    expect(changes({}, { next: null })).toEqual([]);
  });

  test.each([
    ['its Service stayed behind', { canary: OLD.revision }, `${NEW.revision} and ${OLD.revision}`],
    ['its Service is not there', {}, NEW.revision],
  ])('a half-moved one is to be moved: %s', (_, tagServices, from) => {
    expect(changes({ tagServices }, { canary: NEW.revision })).toEqual([
      `tag canary: ${from} → ${NEW.revision} (reaches every new pod of Namespace b)`,
    ]);
  });

  test('of one that was being removed its Service is still to go (story 113001:1003)', () => {
    const lone = { tagServices: { gone: NEW.revision } };
    expect(changes(lone, { gone: null })).toEqual([`tag gone: ${NEW.revision} → none`]);
    expect(changes(lone, { gone: OLD.revision })).toEqual([`tag gone: ${NEW.revision} → ${OLD.revision}`]);
    expect(tagsLeadingTo(mesh({ ...spec, ...lone }), NEW.revision)).toEqual(['canary']);
  });

  test('istioctl before 1.28 makes no Service, so none is missing', () => {
    const old = [plane('1-26-0', '1.26.0'), plane('1-27-0', '1.27.0')];
    const found = { planes: old, tags: { canary: '1-27-0' }, tagServices: {} };
    expect(changes(found, { canary: '1-27-0' })).toEqual([]);
  });
});

describe('namespaces and tags', () => {
  test('what follows a tag that leads to the target is part of a canary', () => {
    expect(names(takenNamespaces(mesh(spec), NEW.revision))).toEqual(['b']);
  });

  test('one that was taken from its tag goes back to it, as rollback takes the tag back', () => {
    const moved = mesh({
      ...spec,
      tags: { ...spec.tags, prod: NEW.revision },
      namespaces: { a: { 'istio.io/rev': NEW.revision } },
      originals: { a: { 'istio.io/rev': 'prod', 'istio-injection': null } },
    });
    expect(names(returningNamespaces(moved, NEW.revision, OLD.revision))).toEqual(['a']);
  });
});
