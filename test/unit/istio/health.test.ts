import { expect, test } from '@jest/globals';
import { flawsOf, isServing } from '../../../src/istio/health.ts';
import { OLD, plane } from '../../support/mesh.ts';

const whole = plane(OLD.revision, OLD.version);

test('a control plane that is ready, with Service and injector, serves', () => {
  expect(flawsOf(whole)).toEqual([]);
  expect(isServing(whole)).toBe(true);
});

test.each([
  ['is not there', undefined],
  [
    'is not ready: m',
    { ...whole, rollout: { done: false, desired: 1, updated: 0, available: 0, message: 'm' } },
  ],
  // M10: a rollout of none is done, and nobody serves.
  [
    'is scaled to zero',
    { ...whole, rollout: { done: true, desired: 0, updated: 0, available: 0, message: '' } },
  ],
  ['has no Service', { ...whole, service: false }],
  ['has no injector webhook', { ...whole, injector: undefined }],
])('one that %s does not', (flaw, is) => {
  expect(flawsOf(is)).toEqual([flaw]);
  expect(isServing(is)).toBe(false);
});
