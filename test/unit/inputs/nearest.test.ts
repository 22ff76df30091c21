import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, nearest } from '../../../src/input/nearest.ts';
import { unknownInputs } from '../../../src/input/unknown-inputs.ts';
import { oneOf } from '../../../src/input/words.ts';
import { PHASES } from '../../../src/outcome.ts';

describe('did you mean', () => {
  test.each([
    ['Canary', 'canary'],
    ['rollbak', 'rollback'],
    ['roll_back', 'rollback'],
    ['pre-check', 'precheck'],
    ['prmoote', 'promote'],
  ])('%s is near %s', (word, meant) => {
    expect(nearest(word, PHASES)).toBe(meant);
    expect(() => oneOf(PHASES)(word)).toThrow(`Did you mean ${meant}?`);
  });

  test.each(['', ' ', 'upgrade', 'x'])('%j is near nothing', (word) => {
    expect(nearest(word, PHASES)).toBeUndefined();
    expect(didYouMean(word, PHASES)).toBe('');
  });

  test('takes any word', () => {
    fc.assert(fc.property(fc.string(), (word) => void nearest(word, PHASES)));
  });
});

describe('inputs that there are not', () => {
  const known = ['phase', 'version', 'canary-namespaces', 'kubeconfig'];

  test('are told, with what was meant', () => {
    const env = {
      'INPUT_CANARY-NAMESPACE': 'shop',
      INPUT_PHASE: 'canary',
      INPUT_COLOUR: 's3cret',
      PATH: '/bin',
    };
    const findings = unknownInputs(env, known);
    expect(findings.map(({ message }) => message)).toEqual([
      'there is no input "canary-namespace", so what it says has no effect. Did you mean canary-namespaces?',
      'there is no input "colour", so what it says has no effect.',
    ]);
    expect(JSON.stringify(findings)).not.toContain('s3cret');
  });

  test('are none where all are known', () => {
    expect(unknownInputs({ 'INPUT_CANARY-NAMESPACES': '', INPUT_VERSION: '' }, known)).toEqual([]);
  });
});
