import { expect, test } from '@jest/globals';
import { type GivenUp, givenUpBy, heldOf, notRestored } from '../../../src/engine/given-up.ts';
import { namedExactly } from '../../../src/engine/recorded-configuration.ts';
import type { Weighed } from '../../../src/istio/configuration-loss.ts';
import type { Settings } from '../../../src/istio/settings.ts';

type Keys = Readonly<Record<string, string>>;

const of = (settings: Keys): Settings => new Map(Object.entries(settings));
const weighed = (live: Keys, coming: Keys): Weighed => ({
  live: { applied: of(live), whole: of(live) },
  leaving: of(coming),
  coming: of(coming),
});
const HUB = 'values.global.hub';
const LOG = 'meshConfig.accessLogFile';

/** Installs one configuration after the other, each by leave for all that it loses; the last one is what the way back has. */
const given = (before: Keys, ...configurations: Keys[]): GivenUp =>
  configurations.reduce<{ readonly live: Keys; readonly known: GivenUp }>(
    ({ live, known }, coming) => ({
      live: coming,
      known: givenUpBy(weighed(live, coming), known, Object.keys({ ...live, ...coming }), () => of(coming)),
    }),
    { live: before, known: {} },
  ).known;
const lost = (...of: Parameters<typeof given>) => given(...of).givenUp;

test('what was lost and is as it was again, by a canary that corrects or by another way back, is not given up', () => {
  expect(lost({ [HUB]: 'right' }, { [HUB]: 'wrong' })).toEqual([HUB]);
  expect(lost({ [HUB]: 'right' }, { [HUB]: 'wrong' }, { [HUB]: 'right' })).toEqual([]);
  expect(lost({ [HUB]: 'right' }, { [HUB]: 'wrong' }, { [HUB]: 'third' })).toEqual([HUB]);
  // Not set before, nor after.
  expect(lost({}, { [LOG]: 'a' })).toEqual([LOG]);
  expect(lost({}, { [LOG]: 'a' }, {})).toEqual([]);
});

test('what canary left and the way back takes away is given up, also where canary has changed something else', () => {
  expect(lost({ [HUB]: 'a', [LOG]: 'a' }, { [HUB]: 'b', [LOG]: 'a' }, { [HUB]: 'a' })).toEqual([LOG]);
});

test('an object is given up as a whole, and is back only as a whole', () => {
  const edge = { 'Deployment/edge': 'there', 'Deployment/edge:spec.replicas': '2', other: '1' };
  const without = { other: '1' };
  expect(lost(edge, without)).toEqual(['Deployment/edge']);
  expect(lost(edge, without, { ...edge, 'Deployment/edge:spec.replicas': '1' })).toEqual(['Deployment/edge']);
  expect(lost(edge, without, edge)).toEqual([]);
  // One that came with the upgrade, and went again.
  expect(lost(without, edge)).toEqual([]);
  expect(lost(without, edge, without)).toEqual([]);
});

test('a way back that installs nothing leaves what canary was only allowed to lose', () => {
  const before = weighed({ [LOG]: 'a' }, {});
  const known = givenUpBy(before, {}, [LOG], () => before.leaving);
  expect(known.givenUp).toEqual([LOG]);
  expect(givenUpBy(before, known, [], (key) => heldOf(before, key)).givenUp).toEqual([]);
  const gone = weighed({}, {});
  expect(givenUpBy(gone, known, [], (key) => heldOf(gone, key)).givenUp).toEqual([LOG]);
});

test('a key on a record of before, which does not say what it was, stays given up', () => {
  expect(givenUpBy(weighed({}, {}), { givenUp: [LOG] }, [], () => of({})).givenUp).toEqual([LOG]);
});

test('what is not acknowledged is not lost by leave', () => {
  expect(givenUpBy(weighed({ [LOG]: 'a' }, {}), {}, [], () => of({}))).toEqual({ givenUp: [], had: {} });
});

test('what does not come back is named, and beyond some counted', () => {
  expect(notRestored([])).toEqual([]);
  expect(notRestored(['a', 'b']).map(({ message }) => message)).toEqual([expect.stringMatching(/: a, b$/)]);
  const many = Array.from({ length: 22 }, (_, index) => `meshConfig.${String(index)}`);
  expect(notRestored(many)[0]?.message).toMatch(/meshConfig\.19, and 2 more$/);
});

test('on an untried way back counts only what names a lost setting itself', () => {
  const one = weighed({ [LOG]: 'a', 'meshConfig.trustDomain': 'b' }, {});
  expect(namedExactly(one, ['meshConfig', LOG, HUB])).toEqual([LOG]);
});

test('a key that a record can not hold is kept as what it is a part of', () => {
  const long = `meshConfig.labels.${'x'.repeat(500)}`;
  expect(lost({ [long]: 'a', [HUB]: 'a' }, { [HUB]: 'a' })).toEqual(['meshConfig.labels']);
  expect(lost({ 'meshConfig.labels.größe': 'a' }, {})).toEqual(['meshConfig.labels.größe']);
});
