import { expect, test } from '@jest/globals';
import { createWaiting } from '../../../src/cluster/waiting.ts';

test('a server that does not answer is told of again and again, once for all that wait', async () => {
  const lines: string[] = [];
  const answered = Promise.withResolvers<string>();
  const enough = Promise.withResolvers<undefined>();
  const waiting = createWaiting(
    'https://api.example',
    (line) => {
      if (lines.push(line) === 2) enough.resolve(undefined);
    },
    5,
  );
  const all = [waiting('list pods', () => answered.promise), waiting('get nodes', () => answered.promise)];
  await enough.promise;
  answered.resolve('there');
  expect(await Promise.all(all)).toEqual(['there', 'there']);
  expect(lines[0]).toMatch(/^still waiting for https:\/\/api\.example: list pods \(\d+ s, and 1 more\)$/);
});

test('what fails is passed on, and what nobody listens to is only done', async () => {
  const waiting = createWaiting('s', () => undefined);
  await expect(waiting('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await createWaiting('s', undefined)('x', () => Promise.resolve(1))).toBe(1);
});
