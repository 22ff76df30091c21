import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTempDirectory, removeTempDirectory } from '../../../src/temp-directory.ts';
import { scratch } from '../../support/scratch.ts';

const POST = fileURLToPath(new URL('../../../src/post.ts', import.meta.url));

function runnerTemp(): { RUNNER_TEMP: string } {
  return { RUNNER_TEMP: scratch('post-test') };
}

/** Runs post as the runner does. */
function post(env: Record<string, string>): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [POST], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  return { status, stdout };
}

describe('the temporary directory', () => {
  test('is told before it is there, and open to nobody else', () => {
    const env = runnerTemp();
    let told: string | undefined;
    const path = createTempDirectory((saved) => {
      told = saved;
      expect(existsSync(saved)).toBe(false);
    }, env);
    expect(told).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test('goes with all that is in it, and may be gone already', async () => {
    const env = runnerTemp();
    const path = createTempDirectory(() => undefined, env);
    writeFileSync(join(path, 'kubeconfig'), 'secret');
    await removeTempDirectory(path, env);
    await removeTempDirectory(path, env);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['outside', () => scratch('istio-upgrade')],
    ['the runner’s own', (home: string) => home],
    ['of somebody else', (home: string) => join(home, 'other')],
    ['reached by dots', (home: string) => join(home, 'other', '..') + '/../istio-upgrade-x'],
    ['deeper', (home: string) => join(home, 'other', 'istio-upgrade-x')],
  ])('one %s is left alone', async (_title, choose) => {
    const env = runnerTemp();
    mkdirSync(join(env.RUNNER_TEMP, 'other', 'istio-upgrade-x'), { recursive: true });
    const path = choose(env.RUNNER_TEMP);
    await expect(removeTempDirectory(path, env)).rejects.toThrow(/left alone|ENOENT/);
    expect(existsSync(join(env.RUNNER_TEMP, 'other', 'istio-upgrade-x'))).toBe(true);
  });

  test('a link in its place goes, what it leads to stays', async () => {
    const env = runnerTemp();
    const target = scratch('post-target');
    writeFileSync(join(target, 'file'), '');
    const path = join(env.RUNNER_TEMP, 'istio-upgrade-link');
    symlinkSync(target, path);
    await removeTempDirectory(path, env);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(target, 'file'))).toBe(true);
  });
});

describe('post', () => {
  test('deletes what main has left, without a word', () => {
    const env = runnerTemp();
    const path = createTempDirectory(() => undefined, env);
    expect(post({ ...env, STATE_tempDirectory: path })).toEqual({ status: 0, stdout: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('has nothing to do where main did not start', () => {
    expect(post(runnerTemp())).toEqual({ status: 0, stdout: '' });
  });

  test('only warns when it cannot', () => {
    const { status, stdout } = post({ ...runnerTemp(), STATE_tempDirectory: '/etc' });
    expect(status).toBe(0);
    expect(stdout).toContain(
      '⚠️ The temporary directory could not be deleted: "/etc" is not a directory of this Action',
    );
    expect(existsSync('/etc')).toBe(true);
  });
});
