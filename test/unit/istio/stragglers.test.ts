import { describe, expect, test } from '@jest/globals';
import { acceptedBy, nobody } from '../../../src/istio/stragglers.ts';

const candidate = { kind: 'Job', namespace: 'batch', name: 'nightly', labels: { app: 'batch' } };

describe('M24: what may stay behind', () => {
  test.each([
    ['namespace/name', ['batch/nightly'], [], true],
    ['Kind namespace/name', ['Job batch/nightly'], [], true],
    ['all of a namespace', ['batch/*'], [], true],
    ['a selector', [], [{ matchLabels: { app: 'batch' } }], true],
    ['another kind', ['CronJob batch/nightly'], [], false],
    ['another name', ['batch/night'], [], false],
    ['another namespace', ['shop/nightly', 'shop/*'], [], false],
    ['another label', [], [{ matchLabels: { app: 'shop' } }], false],
  ])('named by %s', (_, names, selectors, expected) => {
    expect(acceptedBy({ names, selectors })(candidate)).toBe(expected);
  });

  test('a selector says nothing of what has no labels that are known, even one that labels may lack', () => {
    const accepted = acceptedBy({
      names: [],
      selectors: [{ matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }],
    });
    expect(accepted({ ...candidate, labels: undefined })).toBe(false);
    expect(accepted({ ...candidate, labels: {} })).toBe(true);
  });

  test('what goes along is not accepted, however it is named', () => {
    const gateway = { ...candidate, gateway: 'installed' as const };
    for (const selection of [
      { names: ['batch/nightly', 'batch/*', 'Job batch/nightly'], selectors: [] },
      { names: [], selectors: [{ matchLabels: { app: 'batch' } }] },
    ]) {
      expect(acceptedBy(selection)(gateway)).toBe(true);
      const accepted = acceptedBy({ ...selection, goAlong: ['installed'] });
      expect(accepted(gateway)).toBe(false);
      expect(accepted({ ...gateway, gateway: 'injected' })).toBe(true);
      expect(accepted(candidate)).toBe(true);
    }
  });

  test('nothing is accepted where nothing was named', () => {
    expect(acceptedBy({ names: [], selectors: [] })(candidate)).toBe(false);
    expect(nobody(candidate)).toBe(false);
  });
});
