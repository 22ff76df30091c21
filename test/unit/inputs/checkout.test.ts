import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOut, strangersContent } from '../../../src/input/checkout.ts';
import { scratch } from '../../support/scratch.ts';

const OWN = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

function workspace(head: string, refs: Record<string, string> = {}): string {
  const dir = scratch('checkout');
  mkdirSync(join(dir, '.git', 'refs', 'heads'), { recursive: true });
  writeFileSync(join(dir, '.git', 'HEAD'), `${head}\n`);
  for (const [name, commit] of Object.entries(refs)) {
    writeFileSync(join(dir, '.git', 'refs', 'heads', name), `${commit}\n`);
  }
  return dir;
}

const env = (event: string, directory: string) => ({
  GITHUB_EVENT_NAME: event,
  GITHUB_SHA: OWN,
  GITHUB_WORKSPACE: directory,
});

test('the commit that is checked out is read, detached or by its branch', () => {
  expect(checkedOut(workspace(OTHER))).toBe(OTHER);
  expect(checkedOut(workspace('ref: refs/heads/main', { main: OWN }))).toBe(OWN);
  expect(checkedOut(workspace('ref: refs/heads/gone'))).toBeUndefined();
  expect(checkedOut(workspace('ref: refs/../../../etc/passwd'))).toBeUndefined();
  expect(checkedOut(scratch('nothing'))).toBeUndefined();
});

describe('content of strangers beside the secrets', () => {
  test.each(['workflow_run', 'issue_comment'])('is warned of on %s', (event) => {
    expect(strangersContent(env(event, workspace(OTHER)))).toMatchObject([
      { id: 'strangers-content', severity: 'warning' },
    ]);
  });

  test('is not where the workflow has its own commit, or nothing, or another event', () => {
    expect(strangersContent(env('workflow_run', workspace(OWN)))).toEqual([]);
    expect(strangersContent(env('issue_comment', scratch('nothing')))).toEqual([]);
    expect(strangersContent(env('push', workspace(OTHER)))).toEqual([]);
    expect(strangersContent({})).toEqual([]);
  });
});
