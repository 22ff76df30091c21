import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, nearest } from '../../../src/input/nearest.ts';
import { misspeltInputs, unknownInputs } from '../../../src/input/unknown-inputs.ts';
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

describe('an input whose name is misspelt', () => {
  const given: Readonly<Record<string, string>> = { 'dry-run': 'false', kubeconfig: '$KUBECONFIG' };
  const known = ['dry-run', 'kubeconfig', 'expect-cluster', 'config', 'context', 'version', 'cni', 'set'];
  const problems = (env: Record<string, string>) => misspeltInputs(env, known, (name) => given[name] ?? '');

  test.each([
    ['INPUT_DRY_RUN', 'dry_run', 'true', 'dry-run'],
    ['INPUT_DRYRUN', 'dryrun', 'true', 'dry-run'],
    ['INPUT_KUBE-CONFIG', 'kube-config', 's3cret', 'kubeconfig'],
    ['INPUT_KUBE-CONFIG', 'kube-config', '', 'kubeconfig'],
    ['INPUT_EXPECT_CLUSTER', 'expect_cluster', 'u-i-d', 'expect-cluster'],
    ['INPUT_CONTXT', 'contxt', 'staging', 'context'],
  ])('%s is wrong, and is not shown', (variable, input, value, meant) => {
    const found = problems({ [variable]: value });
    expect(found).toEqual([
      {
        input,
        got: 'something, and there is no such input',
        allowed: `did you mean ${meant}? Correct the name, or take it out. A variable ${variable} that the workflow sets by env counts, too.`,
      },
    ]);
  });

  test.each([
    [
      'what it says is what the one that was meant has',
      { INPUT_DRY_RUN: ' false ', INPUT_EXPECT_CLUSTER: '' },
    ],
    ['it is near none of ours', { INPUT_COLOUR: 'red', INPUT_NAMESPACE: 'shop', INPUT_: 'x' }],
    [
      'it only sounds like one of ours',
      { INPUT_CONFIRM: 'yes', INPUT_SESSION: 'x', INPUT_CI: 'true', INPUT_CLI: 'x', INPUT_NET: 'x' },
    ],
    ['it is one', { 'INPUT_DRY-RUN': 'true', INPUT_CONFIG: 'a' }],
    ['it is no input', { DRY_RUN: 'true' }],
  ])('is none where %s', (_, env) => {
    expect(problems(env)).toEqual([]);
  });
});
