import { expect, test } from '@jest/globals';
import { choiceInWords } from '../../../src/istio/choice.ts';
import { NEW, OLD, mesh, plane } from '../../support/mesh.ts';

test.each<[Record<string, string>, string]>([
  [{ 'istio-injection': 'enabled' }, 'istio-injection=enabled → 1-30-3'],
  [{ 'istio.io/rev': OLD.revision }, 'istio.io/rev=1-30-3 → 1-30-3'],
  [{ 'istio.io/rev': 'prod' }, 'istio.io/rev=prod (tag) → 1-31-0'],
  [
    { 'istio-injection': 'enabled', 'istio.io/rev': 'prod' },
    'istio-injection=enabled, which wins over istio.io/rev=prod → 1-30-3',
  ],
  [{ 'istio.io/rev': 'gone' }, 'istio.io/rev=gone → nobody'],
  [{ 'istio-injection': 'disabled', 'istio.io/rev': 'prod' }, 'pods choose by themselves'],
  [{}, 'pods choose by themselves'],
])('who injects a namespace with %j', (labels, words) => {
  const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
  const tags = { default: OLD.revision, prod: NEW.revision };
  const seen = mesh({ planes, tags, namespaces: { a: labels } });
  expect(choiceInWords(seen, seen.namespaces[0]!)).toBe(words);
});

test('a namespace without a label that is injected by default says so', () => {
  const seen = mesh({ planes: [], namespaces: { a: {} }, namespaceFacts: { a: { injectedBy: ['x'] } } });
  expect(choiceInWords(seen, seen.namespaces[0]!)).toBe('no label, by default → x');
});
