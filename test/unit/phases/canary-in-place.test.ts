import { expect, test } from '@jest/globals';
import { canaryInPlace } from '../../../src/phases/in-place/canary.ts';
import { NO_RENDERS } from '../../../src/steps/held-proxies.ts';

const steps = (down: boolean) =>
  canaryInPlace.steps({} as never, [], { renders: NO_RENDERS, down }).map(({ id }) => id);

test.each([
  ['up', false, 'verify-control-planes'],
  ['down', true, 'hold-proxies'],
])('%s, istiod is asked for the gateways that the installation has replaced', (_, down, installed) => {
  const ids = steps(down);
  expect(ids[ids.indexOf(installed) + 1]).toBe('verify-along');
});
