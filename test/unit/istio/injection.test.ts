import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { injectedBy, injectedByOnceDefault, injectorsOf, matches } from '../../../src/istio/injection.ts';
import { revisionWebhook, tagWebhook } from '../../support/mesh.ts';

const injectors = injectorsOf([
  revisionWebhook('1-30-3'),
  revisionWebhook('1-31-0'),
  tagWebhook('default', '1-30-3'),
  tagWebhook('prod', '1-31-0'),
]);

describe('injectedBy', () => {
  test.each([
    ['the revision label', { 'istio.io/rev': '1-31-0' }, {}, ['1-31-0']],
    ['a tag', { 'istio.io/rev': 'prod' }, {}, ['1-31-0']],
    ['the default tag by injection', { 'istio-injection': 'enabled' }, {}, ['1-30-3']],
    ['the default tag by name', { 'istio.io/rev': 'default' }, {}, ['1-30-3']],
    [
      'H15: istio-injection beats istio.io/rev',
      { 'istio-injection': 'enabled', 'istio.io/rev': '1-31-0' },
      {},
      ['1-30-3'],
    ],
    [
      'H16: the namespace beats the pod',
      { 'istio.io/rev': '1-30-3' },
      { 'istio.io/rev': '1-31-0' },
      ['1-30-3'],
    ],
    ['the pod where the namespace says nothing', {}, { 'istio.io/rev': '1-31-0' }, ['1-31-0']],
    ['T14: a revision that nobody serves gives no sidecar', { 'istio.io/rev': '1-29-0' }, {}, []],
    ['a pod that refuses', { 'istio.io/rev': '1-31-0' }, { 'sidecar.istio.io/inject': 'false' }, []],
    ['nothing', {}, {}, []],
  ])('%s', (_, namespace, pod, expected) => {
    expect(injectedBy(injectors, namespace as Record<string, string>, pod as Record<string, string>)).toEqual(
      expected,
    );
  });

  test('H06: overlapping injectors are both told', () => {
    const overlapping = [...injectors, ...injectorsOf([tagWebhook('default', '1-31-0')])];
    expect(injectedBy(overlapping, { 'istio-injection': 'enabled' })).toEqual(['1-30-3', '1-31-0']);
  });

  test('T16: without a default tag nothing injects istio-injection=enabled', () => {
    expect(injectedBy(injectorsOf([revisionWebhook('1-30-3')]), { 'istio-injection': 'enabled' })).toEqual(
      [],
    );
  });
});

describe('injectedByOnceDefault: who injects when the default tag has moved', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['who follows it by injection goes along', { 'istio-injection': 'enabled' }, ['1-31-0']],
    ['who follows it by name goes along', { 'istio.io/rev': 'default' }, ['1-31-0']],
    ['both labels: the first wins', { 'istio-injection': 'enabled', 'istio.io/rev': '1-30-3' }, ['1-31-0']],
    ['who names a revision stays', { 'istio.io/rev': '1-30-3' }, ['1-30-3']],
    ['who names another tag stays', { 'istio.io/rev': 'prod' }, ['1-31-0']],
    ['disabled stays so', { 'istio-injection': 'disabled', 'istio.io/rev': 'default' }, []],
    ['a revision that nobody serves stays so', { 'istio.io/rev': 'gone' }, []],
    ['nothing stays nothing', {}, []],
  ])('%s', (_, labels, expected) => {
    expect(injectedByOnceDefault(injectors, '1-31-0', labels)).toEqual(expected);
  });

  test('an unrevisioned control plane without a tag serves the default now, and not any more then', () => {
    const unrevisioned = tagWebhook('default', 'default');
    const own = {
      ...unrevisioned,
      metadata: { name: 'istio-sidecar-injector', labels: { 'istio.io/rev': 'default' } },
    };
    const labels = { 'istio-injection': 'enabled' };
    const both = injectorsOf([own, revisionWebhook('1-31-0')]);
    expect(injectedBy(both, labels)).toEqual(['default']);
    expect(injectedByOnceDefault(both, '1-31-0', labels)).toEqual(['1-31-0']);
  });
});

describe('matches', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const labels = fc.dictionary(key, fc.constantFrom('x', 'y'));
  test('In and NotIn, Exists and DoesNotExist are opposites', () => {
    fc.assert(
      fc.property(key, fc.array(fc.constantFrom('x', 'y')), labels, (name, values, given) => {
        const is = (operator: string): boolean =>
          matches({ matchExpressions: [{ key: name, operator, values }] }, given);
        expect(is('In')).toBe(!is('NotIn'));
        expect(is('Exists')).toBe(!is('DoesNotExist'));
      }),
    );
  });
  test('matchLabels and matchExpressions are both asked', () => {
    const selector = { matchLabels: { a: 'x' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] };
    expect(matches(selector, { a: 'x' })).toBe(false);
    expect(matches(selector, { a: 'x', b: '' })).toBe(true);
  });
});

test('a label is one only where it is there, whatever its name (issue 12)', () => {
  const exists = { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] };
  expect(matches(exists, {})).toBe(false);
  expect(matches(exists, { constructor: 'x' })).toBe(true);
  const none = { matchExpressions: [{ key: 'toString', operator: 'DoesNotExist' }] };
  expect(matches(none, {})).toBe(true);
});
