import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { discoveryLost, selectorsOf } from '../../../src/istio/discovery.ts';
import type { Relabelling } from '../../../src/istio/label-states.ts';
import { NEW, OLD, mesh, plane as planeOf } from '../../support/mesh.ts';

const MESH = mesh({
  planes: [planeOf(OLD.revision, OLD.version)],
  namespaces: { shop: { 'istio-injection': 'enabled', team: 'a' } },
});
const SHOP = MESH.namespaces[0]!;
const RELABELLING: Relabelling = {
  mesh: MESH,
  sides: { from: OLD, to: NEW },
  phase: 'canary',
  now: [SHOP],
  later: [],
  isChosen: true,
  adopts: undefined,
};
const plane = (name: string, ...selectors: readonly object[]) => ({
  name,
  selectors: selectorsOf(stringify({ discoverySelectors: selectors })),
});
const INJECTED = { matchLabels: { 'istio-injection': 'enabled' } };
const TEAM = { matchExpressions: [{ key: 'team', operator: 'Exists' }] };
const TEAMLESS = { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] };
const told = (from: readonly object[], to: readonly object[], relabelling: Partial<Relabelling> = {}) =>
  discoveryLost(
    { from: plane('old', ...from), to: plane('new', ...to) },
    [SHOP],
    { ...RELABELLING, ...relabelling },
    [],
  ).map(({ severity, object, message }) => [severity, object, /that (.*) watch/.exec(message)?.[1]]);

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
  expect(told([INJECTED], [], { now: [], later: [SHOP] })).toEqual([['warning', 'Namespace shop', 'old']]);
});

test('selectors that the move leaves alone, and namespaces that nobody watched, are in order', () => {
  expect(told([], [])).toEqual([]);
  expect(told([TEAM, INJECTED], [TEAM])).toEqual([]);
  expect(told([TEAM], [TEAM, { matchLabels: { 'istio.io/rev': '1-31-0' } }])).toEqual([]);
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

test('a selector is asked for where there are some, and of promote where it reaches the target', () => {
  const remedy = (from: readonly object[], to: readonly object[], phase: 'canary' | 'promote') =>
    discoveryLost(
      { from: plane('old', ...from), to: plane('new', ...to) },
      [SHOP],
      { ...RELABELLING, phase },
      [],
    )[0]?.remedy;
  // A first selector would narrow what watches all.
  expect(remedy([INJECTED], [], 'canary')).not.toContain('the target');
  expect(remedy([], [TEAM, INJECTED], 'canary')).toBeUndefined();
  expect(remedy([], [INJECTED], 'canary')).toContain('discoverySelectors of the target (in config),');
  expect(remedy([], [INJECTED], 'promote')).toContain('in config of canary, run again with it');
  expect(remedy([INJECTED], [INJECTED], 'promote')).toContain('with its own istioctl and configuration) and');
});

test('what may stay unseen is told all the same, by the whole name', () => {
  const severity = (key: string) =>
    discoveryLost({ from: plane('old'), to: plane('new', INJECTED) }, [SHOP], RELABELLING, [key])[0]
      ?.severity;
  expect(severity('Namespace/shop')).toBe('warning');
  expect(severity('Namespace/sho')).toBe('error');
});

test('what is lost already is told as it is, and no way back is named', () => {
  const on = { ...RELABELLING, phase: 'promote' as const, now: [] };
  const lost = (acknowledged: readonly string[]) =>
    discoveryLost(
      { from: plane('old'), to: plane('new', TEAMLESS), live: plane('new', TEAMLESS) },
      [SHOP],
      on,
      acknowledged,
    );
  expect(lost([])).toEqual([
    {
      id: 'discovery-would-be-lost',
      severity: 'warning',
      object: 'Namespace shop',
      message: expect.stringContaining('fail already'),
      remedy: expect.not.stringContaining('rollback'),
    },
  ]);
  expect(lost(['Namespace/shop'])).toMatchObject([
    { message: expect.stringContaining('fail already'), remedy: expect.stringMatching(/^Nothing/) },
  ]);
});
