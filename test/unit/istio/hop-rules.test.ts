import { expect, test } from '@jest/globals';
import { HOP_RULES, hopRuleOf } from '../../../src/istio/hop-rules.ts';
import { parseVersion } from '../../../src/istio/version.ts';

test.each([
  ['1.4.10', 0, 1],
  ['1.5.10', 0, 1],
  ['1.6.14', 1, 1],
  ['1.10.6', 1, 1],
  ['1.11.8', 2, 1],
  ['1.20.8', 2, 1],
  ['1.31.0', 2, 1],
])('to %s a canary goes up %i minor releases, in place %i', (version, canary, inPlace) => {
  expect(hopRuleOf(parseVersion(version))).toMatchObject({ canary, inPlace });
});

test('each rule says where it stands', () => {
  expect(HOP_RULES.filter(({ source }) => !/page|notes/.test(source))).toEqual([]);
});
