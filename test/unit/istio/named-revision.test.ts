import { expect, test } from '@jest/globals';
import { judgeNamedRevision } from '../../../src/istio/named-revision.ts';

const told = (text: string, revision: string): string[] =>
  judgeNamedRevision([{ name: 'istio.yaml', text }], revision).map(({ message }) => message);

test.each([
  ['spec: {revision: old}', 'spec.revision is "old"'],
  ['spec: {values: {revision: old}}', 'spec.values.revision is "old"'],
  ['spec: {values: {revision: ""}}', 'spec.values.revision is ""'],
  ['spec: {unvalidatedValues: {revision: old}}', 'spec.unvalidatedValues.revision is "old"'],
])('a file that names another revision is told that it does not count: %s', (text, what) => {
  expect(told(text, 'canary')).toEqual([
    `istio.yaml, line 1: ${what}, and does not count: the control plane is installed as revision canary`,
  ]);
});

test.each([
  ['spec: {revision: canary}', 'canary'],
  ['spec: {revision: ""}', 'default'],
  ['spec: {revision: default}', 'default'],
  ['revision: old', 'canary'],
  ['spec: {profile: minimal}', 'canary'],
])('nothing is told of %s as %s', (text, revision) => {
  expect(told(text, revision)).toEqual([]);
});

test('in place there is none, and that is said', () => {
  expect(told('spec: {revision: 1-31-0}', 'default').join()).toMatch(
    /installed without a revision, as it is$/,
  );
});
