import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { discoveryLost, selectorsOf } from '../../../src/istio/discovery.ts';

const SHOP = { name: 'shop', labels: { 'istio-injection': 'enabled', team: 'a' } };
const plane = (name: string, ...selectors: readonly object[]) => ({
  name,
  selectors: selectorsOf(stringify({ discoverySelectors: selectors })),
});
const INJECTED = { matchLabels: { 'istio-injection': 'enabled' } };
const TEAM = { matchExpressions: [{ key: 'team', operator: 'Exists' }] };
const told = (
  from: readonly object[],
  to: readonly object[],
  namespaces: Partial<Parameters<typeof discoveryLost>[2]> = { moves: [SHOP] },
) =>
  discoveryLost({ from: plane('old', ...from), to: plane('new', ...to) }, '1-31-0', {
    moves: [],
    later: [],
    phase: 'canary',
    ...namespaces,
  }).map(({ severity, object, message }) => [severity, object, /that (.*) watch/.exec(message)?.[1]]);

test('promise 14: a label that a control plane selects by is not taken away unseen', () => {
  expect(told([INJECTED], [])).toEqual([['error', 'Namespace shop', 'old']]);
  expect(told([INJECTED], [INJECTED])).toEqual([['error', 'Namespace shop', 'old and new']]);
  // The target alone would not see those that move to it.
  expect(told([], [INJECTED])).toEqual([['error', 'Namespace shop', 'new']]);
  expect(told([TEAM], [{ matchLabels: { 'istio.io/rev': '1-30-3' } }])).toEqual([
    ['error', 'Namespace shop', 'new'],
  ]);
});

test('what promote would move is a warning of the phases before', () => {
  expect(told([INJECTED], [], { later: [SHOP] })).toEqual([['warning', 'Namespace shop', 'old']]);
});

test('selectors that the move leaves alone, and namespaces that nobody watched, are in order', () => {
  expect(told([], [])).toEqual([]);
  expect(told([TEAM, INJECTED], [TEAM])).toEqual([]);
  expect(told([TEAM], [{ matchLabels: { 'istio.io/rev': '1-31-0' } }])).toEqual([]);
  expect(told([{ matchLabels: { team: 'b' } }], [INJECTED])).toEqual([]);
});

test('what is no mesh configuration, or none that istiod would read, selects nothing', () => {
  for (const text of [
    undefined,
    '',
    'a: [',
    'discoverySelectors: yes',
    stringify({ discoverySelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is' }] }] }),
    stringify({ discoverySelectors: [{ matchExpressions: 'team' }] }),
  ])
    expect(selectorsOf(text)).toEqual([]);
});

test('promote installs nothing: what its config says does not reach the target', () => {
  const [canary, promote] = (['canary', 'promote'] as const).map(
    (phase) =>
      discoveryLost({ from: plane('old', INJECTED), to: plane('new') }, '1-31-0', {
        moves: [SHOP],
        later: [],
        phase,
      })[0]?.remedy,
  );
  expect(canary).toContain('of the target: in config)');
  expect(promote).toContain('in config of canary, run again with it');
});
