import { expect, test } from '@jest/globals';
import type { Settings } from '../../../src/istio/settings.ts';
import { proxiesOn, targetLoses } from '../../../src/istio/target-loss.ts';
import { pod } from '../../support/mesh.ts';

type Keys = Readonly<Record<string, string>>;

const of = (settings: Keys): Settings => new Map(Object.entries(settings));
const lost = (live: Keys, coming: Keys, proxies: number, acknowledged: readonly string[] = []) =>
  targetLoses(
    { live: { applied: of(live), whole: of(live) }, coming: of(coming) },
    { proxies, acknowledged },
  );
const told = (...what: Parameters<typeof lost>) =>
  lost(...what).map(({ severity, object = '' }) => `${severity} ${object}`);

const LIVE = { 'meshConfig.a': '1', 'meshConfig.extensionProviders[x].name': 'x', 'meshConfig.same': '1' };
const COMING = { 'meshConfig.a': '2', 'meshConfig.same': '1', 'meshConfig.more': '1' };

test('promise 5: what proxies on the target have is not taken from them, unless that is acknowledged', () => {
  expect(told(LIVE, COMING, 16)).toEqual(['error meshConfig.a', 'error meshConfig.extensionProviders[x]']);
  expect(told(LIVE, COMING, 16, ['meshConfig.extensionProviders'])).toEqual([
    'error meshConfig.a',
    'warning meshConfig.extensionProviders[x]',
  ]);
  expect(told(LIVE, COMING, 16, ['meshConfig'])).toEqual([
    'warning meshConfig.a',
    'warning meshConfig.extensionProviders[x]',
  ]);
  expect(lost(LIVE, COMING, 16)[0]?.message).toContain('16 proxies are on it');
});

test('a target that nobody is on yet is still being made: told, and no more', () => {
  expect(told(LIVE, COMING, 0)).toEqual(['warning meshConfig.a', 'warning meshConfig.extensionProviders[x]']);
});

test('what is as it would be, or would only come, is lost to nobody', () => {
  expect(told({ 'meshConfig.a': '1' }, { 'meshConfig.a': '1', 'Service/istiod': 'there' }, 16)).toEqual([]);
});

test('a proxy that is going is on no revision any more', () => {
  const pods = [pod('a/a-1', 'new'), pod('a/a-2', 'old'), pod('a/a-3', 'new', { terminating: true })];
  expect(proxiesOn({ pods }, 'new')).toBe(1);
});
