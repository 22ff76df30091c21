import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { actionsLogger, masks, silentLogger } from '../../../src/log.ts';

let written: string;

beforeEach(() => {
  written = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

test('each message is one line, and none is a command or an annotation', async () => {
  const hostile = 'a\n::error::b\r##[error]c';
  await actionsLogger.group(hostile, () => {
    actionsLogger.info('::set-output name=x::y');
    actionsLogger.warn(hostile);
    actionsLogger.error(hostile);
    return Promise.resolve();
  });
  expect(written.trim().split('\n')).toEqual([
    '::group::a ::error::b ## [error]c',
    ': :set-output name=x::y',
    '⚠️ a ::error::b ## [error]c',
    '❌ a ::error::b ## [error]c',
    '::endgroup::',
  ]);
});

test('a group is closed when its work throws', async () => {
  await expect(actionsLogger.group('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(written).toMatch(/::endgroup::\s*$/);
});

test('secrets are made known one by one', () => {
  masks.add(['first-one', 'second']);
  expect(written.trim().split('\n')).toEqual(['::add-mask::first-one', '::add-mask::second']);
});

test('the silent one says nothing and does the work', async () => {
  silentLogger.warn('x');
  expect(await silentLogger.group('x', () => Promise.resolve(1))).toBe(1);
  expect(written).toBe('');
});

test('and are in no line of the log from then on', async () => {
  masks.add(['hunter2']);
  written = '';
  actionsLogger.info('it is hunter2');
  actionsLogger.warn('hunter2');
  actionsLogger.debug('hunter2');
  await actionsLogger.group('hunter2', () => Promise.resolve());
  expect(written).not.toContain('hunter2');
  expect(written).toContain('it is ***');
});

test('a secret that is a piece of an output is hidden in prose, and the runner is not told: it would drop the output', () => {
  masks.add(['canary']);
  expect(written).toBe('');
  actionsLogger.info('the password is canary');
  expect(written).toBe('the password is ***\n');
});

test('what becomes known while the run goes on is hidden from then on, and so is what was known', () => {
  masks.add(['of-the-kubeconfig']);
  masks.add(['of-a-plugin']);
  masks.add(['of-a-plugin']);
  expect(written.match(/add-mask/g)).toHaveLength(2);
  written = '';
  actionsLogger.info('of-the-kubeconfig, of-a-plugin');
  expect(written).toBe('***, ***\n');
});
