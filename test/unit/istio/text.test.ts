import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/cluster/objects.ts';
import { podProblem } from '../../../src/istio/pod-problem.ts';
import { injectedRevision } from '../../../src/istio/proxy.ts';
import { boundedText, labelValue, statusRevision } from '../../../src/istio/text.ts';

const pod = (annotations: object, labels: object = {}): Pod =>
  ({
    metadata: { name: 'a', namespace: 'a', annotations, labels },
    spec: { containers: [] },
  }) as unknown as Pod;

describe('a revision', () => {
  test.each(['default', '1-31-0', 'canary_2', 'a.b', 'A', 'a'.repeat(63)])('%s is one', (text) => {
    expect(labelValue(text)).toBe(text);
    expect(statusRevision(JSON.stringify({ revision: text }))).toBe(text);
  });

  test.each([
    '',
    'a'.repeat(64),
    '-a',
    'a-',
    'a b',
    'a\n',
    '::error::x',
    '<script>',
    1,
    null,
    {},
    ['a'],
    undefined,
  ])('%j is none', (value) => {
    expect(labelValue(value)).toBeUndefined();
    expect(statusRevision(JSON.stringify({ revision: value }))).toBeUndefined();
  });

  test.each([
    ['no JSON', '{"revision":'],
    ['null', 'null'],
    ['a list', '["revision"]'],
    ['longer than a status is', JSON.stringify({ containers: 'x'.repeat(20_000), revision: 'default' })],
    ['inherited', '{"__proto__":{"revision":"default"}}'],
    ['deep', `${'['.repeat(8000)}${']'.repeat(8000)}`],
  ])('of a status that is %s is not known', (_what, text) => {
    expect(statusRevision(text)).toBeUndefined();
  });

  test('of a pod is the first place that names one', () => {
    const status = JSON.stringify({ revision: 'of-status' });
    const hostile = JSON.stringify({ revision: 'x\n::error::' });
    const rev = 'istio.io/rev';
    expect(injectedRevision(pod({ 'sidecar.istio.io/status': status, [rev]: 'b' }))).toBe('of-status');
    expect(injectedRevision(pod({ 'sidecar.istio.io/status': hostile, [rev]: 'b' }))).toBe('b');
    expect(injectedRevision(pod({ [rev]: 'x'.repeat(100_000) }, { [rev]: 'c' }))).toBe('c');
    expect(injectedRevision(pod({ 'sidecar.istio.io/status': 'x'.repeat(250_000) }))).toBeUndefined();
  });
});

describe('a message of the cluster', () => {
  test('is whole where it is short, and cut between two words where it is long', () => {
    expect(boundedText('a b')).toBe('a b');
    expect(boundedText('one two three', 7)).toBe('one two…');
    expect(boundedText('one two three', 9)).toBe('one two…');
    expect(boundedText('x'.repeat(20), 9)).toBe('…');
    expect(boundedText({ toString: () => 'x' })).toBe('');
  });

  test('holds no half of a token, wherever it is cut', () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(60)}.${'y'.repeat(60)}`;
    for (let before = 0; before < 220; before++) {
      const text = `${'m '.repeat(before / 2)}${jwt} and more ${'m '.repeat(200)}`;
      expect(boundedText(text, 200)).not.toMatch(/eyJ|xxx|yyy/);
    }
  });

  test('holds the whole of a word or nothing of it: a password has no shape, and its half would be found by nobody', () => {
    for (let before = 0; before < 220; before++) {
      const text = `${'m '.repeat(before)}hunter2-password and more ${'m '.repeat(200)}`;
      expect(boundedText(text, 200).replace('hunter2-password', '')).toMatch(/^[m andore]*…$/);
    }
  });

  test('H55: of a pod whose network never comes is what it waits for; of one that is ready, nothing', () => {
    const waiting = { reason: 'ContainerCreating' };
    const hanging = [{ name: 'istio-validation', ready: false, state: { waiting } }];
    expect(podProblem({ ...pod({}), status: { phase: 'Pending', initContainerStatuses: hanging } })).toBe(
      'container istio-validation: ContainerCreating',
    );
    const conditions = [{ type: 'Ready', status: 'True' }];
    expect(podProblem({ ...pod({}), status: { conditions } })).toBeUndefined();
  });

  test('of a pod that waits is short', () => {
    const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling ${'long '.repeat(200_000)}` };
    const problem = podProblem({
      ...pod({}),
      status: { containerStatuses: [{ name: 'app', ready: false, state: { waiting } }] },
    });
    expect(problem).toMatch(/^container app: ImagePullBackOff \(Back-off pulling long .*…\)$/);
    expect(problem?.length).toBeLessThan(300);
  });
});
