import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../../testbed/lock.ts';
import { scratch } from '../../support/scratch.ts';
import { removeStrays } from '../../support/testbed.ts';

const given = process.env.ISTIO_UPGRADE_TESTBED_STATE;
let state: string;
let said: string;

beforeEach(() => {
  state = scratch('strays');
  process.env.ISTIO_UPGRADE_TESTBED_STATE = state;
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  if (given === undefined) delete process.env.ISTIO_UPGRADE_TESTBED_STATE;
  else process.env.ISTIO_UPGRADE_TESTBED_STATE = given;
});

/** What is left of a cluster whose test run has died or, with a process' id, of one that still runs. */
function cluster(title: string, pid = spawnSync('true').pid): string {
  const path = join(state, `sc-${title}-p${String(pid)}`);
  mkdirSync(path);
  return path;
}

test('the clusters of test runs that have died go, and those of living ones stay', async () => {
  const dead = cluster('dead');
  const living = cluster('living', process.pid);
  await removeStrays();
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(living)).toBe(true);
  expect(said).not.toContain('testbed down');
});

// Two workers begin at the same time, and both find it: seen in CI, where the second one failed.
test('one that somebody takes away already is left to them', async () => {
  const taken = cluster('taken');
  const other = cluster('zz-other');
  tryLock(`${taken}.lock`);
  await removeStrays();
  expect(existsSync(taken)).toBe(true);
  expect(existsSync(other)).toBe(false);
  expect(said).toMatch(/Another up or down of sc-taken-p\d+ is running/);
});
