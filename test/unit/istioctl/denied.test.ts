import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deniedIn } from '../../../src/istioctl/denied.ts';
import { recording } from './recording.ts';

const text = (name: string): string => {
  const { stdout, stderr } = recording('1.31.0', name);
  return `${stderr}\n${stdout}`;
};

test('a sentence of the API server gives verb, group, resource and namespace', () => {
  expect(deniedIn(text('315'))).toEqual([
    { verb: 'list', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  ]);
  expect(deniedIn(text('325'))).toEqual([
    { verb: 'create', group: '', resource: 'pods', subresource: 'portforward', namespace: 'istio-system' },
  ]);
});

test('each is told once, however often it was said', () => {
  expect(text('313').match(/cannot list/g)?.length).toBeGreaterThan(3);
  expect(deniedIn(text('313'))).toHaveLength(1);
});

test('a role that would give away more than one has lacks escalate, a binding bind', () => {
  const sentence = (object: string): string =>
    `Error: ${object}.rbac.authorization.k8s.io "istiod" is forbidden: user "ci" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}`;
  expect(
    ['clusterroles', 'clusterrolebindings', 'roles'].flatMap((object) => deniedIn(sentence(object))),
  ).toEqual([
    { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    { verb: 'bind', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'roles' },
  ]);
});

test('anything else says nothing of rights, and never takes long', () => {
  expect(deniedIn(text('085'))).toEqual([]);
  expect(deniedIn('admission webhook "x" denied the request: pods is forbidden')).toEqual([]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (junk) => {
      expect(deniedIn(junk)).toEqual([]);
    }),
  );
  const long = `roles.rbac.authorization.k8s.io "x" is forbidden: user ${'cannot list resource "'.repeat(20_000)}`;
  expect(deniedIn(long)).toEqual([]);
});
