import { describe, expect, test } from '@jest/globals';
import { type Candidate, Faults, type Rule } from '../../../support/gate/fault.ts';

const fault = { kind: 'answer', status: 503 } as const;
const asked = (more: Partial<Candidate> = {}): Candidate => ({
  method: 'GET',
  path: '/api/v1/pods?limit=500',
  userAgent: 'istio-upgrade',
  persisting: false,
  ...more,
});

const meets = (rule: Omit<Rule, 'fault'>, candidate: Partial<Candidate>): boolean =>
  new Faults([{ ...rule, fault }], 1).meet(asked(candidate)).length > 0;

describe('which requests meet a fault', () => {
  test.each<[string, Rule['match'], Partial<Candidate>, boolean]>([
    ['any', {}, {}, true],
    ['its method', { methods: ['PATCH'] }, { method: 'PATCH' }, true],
    ['another method', { methods: ['PATCH'] }, {}, false],
    ['its path', { path: '/pods\\?' }, {}, true],
    ['another path', { path: '/namespaces' }, {}, false],
    ['its client', { userAgent: '^istioctl' }, { userAgent: 'istioctl/1' }, true],
    ['another client', { userAgent: '^istioctl' }, {}, false],
    ['a watch', { watch: true }, { path: '/pods?watch=true' }, true],
    ['no watch', { watch: true }, {}, false],
    ['a write', { persisting: true }, { persisting: true }, true],
    ['no write', { persisting: true }, {}, false],
  ])('%s', (_, match, candidate, met) => {
    expect(meets({ match: match! }, candidate)).toBe(met);
  });

  test('some go by first, and so many are met', () => {
    const faults = new Faults([{ skip: 1, times: 2, fault }], 1);
    expect([1, 2, 3, 4, 5].map(() => faults.meet(asked()).length)).toEqual([0, 1, 1, 0, 0]);
  });

  test('by chance, the same for the same seed', () => {
    const run = (seed: number): number[] => {
      const faults = new Faults([{ chance: 0.3, fault }], seed);
      return Array.from({ length: 200 }, () => faults.meet(asked()).length);
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    const hits = run(1).filter((count) => count > 0).length;
    expect(hits).toBeGreaterThan(40);
    expect(hits).toBeLessThan(80);
  });

  test('what only delays goes on to the next rule', () => {
    const faults = new Faults([{ fault: { kind: 'latency', ms: 1 } }, { fault }, { fault }], 1);
    expect(faults.meet(asked()).map(({ rule }) => rule)).toEqual([0, 1]);
  });
});
