import { expect, test } from '@jest/globals';
import { type Decision, decide } from '../../../src/decide/decide.ts';
import { differences } from '../../../src/decide/difference.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import { facts, record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, plane, pod } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision },
  defaultValidator: OLD.revision,
  namespaces: { a: { 'istio.io/rev': OLD.revision } },
  pods: [pod('a/p-1', OLD.revision)],
};
const names = { canaryNamespaces: { names: ['a'], selectors: [] } };

function begun(
  changes: Partial<MeshSpec> = {},
  more: Partial<Facts> = {},
): Extract<Decision, { kind: 'upgrade' }> {
  const all = facts(names, { ...spec, ...changes }, more);
  const decision = decide({ states: ['none', 'canarying', 'canary', 'removing'], checks: [] }, all);
  if (decision.kind !== 'upgrade') throw new Error(JSON.stringify(decision.kind));
  return decision;
}

const first = begun({}, { record: record() });

test('nothing, where all is as it was; and what came or went of namespaces and pods is harmless', () => {
  expect(differences(first, begun({}, { record: record(), freshAttempt: 'other' }))).toEqual([]);
  const more = { namespaces: { ...spec.namespaces, b: { 'istio.io/rev': OLD.revision } }, pods: [] };
  expect(differences(first, begun(more, { record: record() }))).toEqual([]);
});

test('a fresh attempt alone is no difference: each look makes one', () => {
  expect(differences(begun({}, { freshAttempt: 'one' }), begun({}, { freshAttempt: 'two' }))).toEqual([]);
});

test.each<[string, ReturnType<typeof begun>, string]>([
  [
    "M09: another run's record and its removal",
    begun({}, { record: record({ intent: 'remove', run: 'https://other.example' }) }),
    'https://other.example',
  ],
  [
    'another upgrade is on record, of which nothing is there yet',
    begun(
      {},
      { record: record({ to: { revision: '1-32-0', version: '1.32.0' }, run: 'https://next.example' }) },
    ),
    'https://next.example',
  ],
  ['the record is gone', begun({}, { record: undefined }), 'it is gone'],
  [
    'the other side is another one',
    begun({
      planes: [plane('1-30-9', '1.30.9'), plane(NEW.revision, NEW.version)],
      namespaces: { a: { 'istio.io/rev': '1-30-9' } },
      tags: { default: '1-30-9' },
    }),
    'from side is another one: 1-30-9',
  ],
  [
    'the state is another one',
    begun(
      {
        namespaces: { a: { 'istio.io/rev': NEW.revision } },
        originals: { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } },
        pods: [pod('a/p-1', NEW.revision)],
      },
      { record: record() },
    ),
    'from canarying to canary',
  ],
])('%s: changed-meanwhile, and nothing was touched', (_, again, words) => {
  const found = differences(first, again);
  expect(found.map(({ id, severity }) => `${severity} ${id}`)).toContain('error changed-meanwhile');
  expect(found.map(({ message }) => message).join('\n')).toContain(words);
  expect(found.map(({ remedy = '' }) => remedy).join('\n')).toContain('Nothing was touched');
});
