import { expect, test } from '@jest/globals';
import {
  type Weighed,
  canaryLacks,
  configurationLost,
  defaultsChanged,
  isInstalled,
} from '../../../src/istio/configuration-loss.ts';
import type { Settings } from '../../../src/istio/settings.ts';

type Keys = Readonly<Record<string, string>>;

const of = (settings: Keys): Settings => new Map(Object.entries(settings));
/** All of it was applied by istioctl. */
const weighed = (live: Keys, leaving: Keys, coming: Keys, more: Partial<Weighed> = {}): Weighed => ({
  live: { applied: of(live), whole: of(live) },
  leaving: of(leaving),
  coming: of(coming),
  ...more,
});
const told = (one: Weighed, acknowledged: readonly string[] = []) =>
  configurationLost(one, acknowledged).map(({ object, severity }) => `${severity} ${object ?? ''}`);

test.each<[what: string, live: Keys, leaving: Keys, coming: Keys, lost: string[]]>([
  ['nothing differs', { a: '1' }, { a: '1' }, { a: '1' }, []],
  ['what was set is not given again', { a: '1' }, {}, {}, ['a']],
  ['another value is given', { a: '1' }, { a: '2' }, { a: '2' }, ['a']],
  ['a value is new', {}, { a: '1' }, { a: '1' }, ['a']],
  ['the new release makes it so by itself', { a: '1' }, { a: '0' }, { a: '1' }, []],
  ['the release changes a default', { a: '1' }, { a: '1' }, { a: '2' }, []],
])('H52: %s', (_, live, leaving, coming, lost) => {
  expect(told(weighed(live, leaving, coming))).toEqual(lost.map((key) => `error ${key}`));
});

test('what others have set stays where the installation does not bring it, and is taken over where it does', () => {
  const whole = of({ 'Service/a:metadata.annotations.b': 'x', 'Deployment/a:spec.replicas': '5' });
  const live = { applied: of({}), whole };
  const none = { live, leaving: of({}), coming: of({}) };
  expect(told(none)).toEqual([]);
  const brings = of({ 'Deployment/a:spec.replicas': '2' });
  expect(told({ live, leaving: brings, coming: brings })).toEqual(['error Deployment/a:spec.replicas']);
});

test('an older proxy that is given out while proxies are held back is no loss', () => {
  const live = { 'values.global.proxy.image': 'hub/proxyv2:RELEASE' };
  const plain = { 'values.global.proxy.image': 'proxyv2' };
  expect(told(weighed(live, plain, plain))).toEqual(['error values.global.proxy.image']);
  expect(told(weighed(live, plain, plain, { between: of(live) }))).toEqual([]);
});

test.each<[what: string, live: Keys, is: boolean]>([
  ['by the release that is left', { a: '1', image: 'plain', only: 'newer' }, true],
  ['by the release to come', { a: '1', image: 'plain', comes: 'older' }, true],
  ['while proxies are held back', { a: '1', image: 'held', only: 'newer' }, true],
  ['half of it by the one and half by the other', { a: '1', image: 'held', comes: 'older' }, true],
  ['not: another value', { a: '2', image: 'held', only: 'newer' }, false],
  ['not: something that it does not have', { a: '1', b: '1', image: 'held', only: 'newer' }, false],
  ['not: something that it has is not there', { image: 'held', only: 'newer' }, false],
])('a configuration is what is installed, %s', (_, live, is) => {
  const leaving = { a: '1', image: 'plain', only: 'newer' };
  const coming = { a: '1', image: 'plain', comes: 'older' };
  const between = of({ ...leaving, image: 'held' });
  expect(isInstalled(weighed(live, leaving, coming, { between }))).toBe(is);
});

test('what is acknowledged, by its key or by what it is a part of, is told, and no more', () => {
  const live = {
    'HorizontalPodAutoscaler/istiod': 'there',
    'HorizontalPodAutoscaler/istiod:spec.maxReplicas': '7',
    'meshConfig.a': '1',
    'meshConfig.ab': '1',
  };
  const lost = weighed(
    live,
    { 'HorizontalPodAutoscaler/istiod': 'there' },
    { 'HorizontalPodAutoscaler/istiod': 'there' },
  );
  expect(told(lost, ['meshConfig.a'])).toEqual([
    'error HorizontalPodAutoscaler/istiod:spec.maxReplicas',
    'error meshConfig.ab',
    'warning meshConfig.a',
  ]);
  expect(told(lost, ['HorizontalPodAutoscaler/istiod', 'meshConfig']).join()).not.toContain('error');
});

test('of what is missing altogether the whole is told once: an object, a port, a variable', () => {
  const port = 'Service/edge:spec.ports[31400]';
  const live = {
    'PodDisruptionBudget/istiod': 'there',
    'PodDisruptionBudget/istiod:spec.minAvailable': '1',
    'Service/edge': 'there',
    [`${port}.name`]: 'tcp',
    [`${port}.targetPort`]: '31400',
  };
  const rest = { 'Service/edge': 'there', 'Service/edge:spec.ports[314].name': 'x' };
  expect(told(weighed({ ...live, ...rest }, rest, rest))).toEqual([
    'error PodDisruptionBudget/istiod',
    `error ${port}`,
  ]);
});

test('an object that only comes is told: nothing is lost by it', () => {
  const coming = {
    'PodDisruptionBudget/istiod': 'there',
    'PodDisruptionBudget/istiod:spec.minAvailable': '1',
  };
  expect(told(weighed({}, coming, coming))).toEqual(['warning PodDisruptionBudget/istiod']);
  expect(configurationLost(weighed({}, coming, coming), [])[0]?.remedy).toContain('nothing is lost by it');
});

test('a gateway that is left out is told by its own finding', () => {
  const live = {
    'Deployment/edge': 'there',
    'ServiceAccount/edge-service-account': 'there',
    'Role/edge-sds': 'there',
  };
  expect(told(weighed(live, {}, {}))).toHaveLength(3);
  expect(told(weighed(live, {}, {}, { told: ['edge'] }))).toEqual([]);
  expect(told(weighed({ 'Deployment/edges': 'there' }, {}, {}, { told: ['edge'] }))).toHaveLength(1);
});

test('many of one object are told as one, and no more than ten in all', () => {
  const many = (name: string, count: number): Keys =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`Service/${name}:spec.s${String(index)}`, 'x']),
    );
  const there = { 'Service/edge': 'there' };
  const five = weighed({ ...there, ...many('edge', 5) }, there, there);
  expect(told(five)).toHaveLength(5);
  const [six, ...others] = configurationLost(weighed({ ...there, ...many('edge', 6) }, there, there), []);
  expect([six?.object, others]).toEqual(['Service/edge', []]);
  expect(six?.message).toBe(
    '6 settings of it would change: spec.s0 from "x" to not set; spec.s1 from "x" to not set; spec.s2 from "x" to not set; and 3 more',
  );
  expect(six?.remedy).toContain('acknowledge');
  const twelve = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`${String.fromCharCode(97 + index)}.x`, '1']),
  );
  const all = configurationLost(weighed(twelve, {}, {}), []);
  expect(all).toHaveLength(10);
  expect(all.at(-1)?.message).toContain('And 2 more: k.x, l.x');
});

test('H53: a default that the release changes, and an object that it adds or drops, is shown', () => {
  const said = (one: Weighed) =>
    defaultsChanged(one).map(({ object = '', message }) => `${object}: ${message}`);
  expect(said(weighed({ a: '1' }, { a: '1' }, { a: '2' }))).toEqual([
    'a: the release changes it from "1" to "2"',
  ]);
  expect(said(weighed({ a: '3' }, { a: '1' }, { a: '2' }))).toEqual([]);
  const pdb = { 'PodDisruptionBudget/a': 'there', 'PodDisruptionBudget/a:spec.b': '1' };
  expect(said(weighed(pdb, pdb, {}))).toEqual([
    'PodDisruptionBudget/a: the release does not have it: it stays as it is',
  ]);
  expect(said(weighed({}, {}, pdb))).toEqual(['PodDisruptionBudget/a: the release adds it']);
  expect(told(weighed(pdb, pdb, {}))).toEqual([]);
  expect(told(weighed({}, {}, pdb))).toEqual([]);
});

test('beside a control plane that stays, what the canary lacks is a warning, and what it has more is none', () => {
  const live = { 'meshConfig.a': '1', 'PodDisruptionBudget/istiod': 'there' };
  const lacks = (leaving: Keys, coming: Keys) =>
    canaryLacks(weighed(live, leaving, coming)).map(({ severity, object = '' }) => `${severity} ${object}`);
  expect(lacks({}, { 'meshConfig.b': '2' })).toEqual([
    'warning PodDisruptionBudget/istiod',
    'warning meshConfig.a',
  ]);
  expect(lacks({}, live)).toEqual([]);
  expect(lacks(live, {})).toEqual([]);
});

test('promise 10: what may be secret is not shown', () => {
  const live = {
    'Deployment/istiod': 'there',
    'Deployment/istiod:spec.template.spec.containers[discovery].env[A]': 'hunter2',
    'Deployment/istiod:spec.template.spec.containers[discovery].args': '["--x=hunter2"]',
    'values.global.apiToken': 'hunter2',
    'meshConfig.x': 'y'.repeat(100),
  };
  const lost = configurationLost(
    weighed(live, { 'Deployment/istiod': 'there' }, { 'Deployment/istiod': 'there' }),
    [],
  );
  expect(lost).toHaveLength(3);
  expect(lost.map(({ message }) => message).join()).not.toMatch(/hunter2|yyy/);
});
