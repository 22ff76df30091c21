import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../finding.ts';

/** Events that run with the secrets of the repository, about something that anybody may have begun. */
const STRANGERS = ['workflow_run', 'issue_comment', 'issues', 'discussion', 'discussion_comment'];

/**
 * Whether the workflow has the secrets, and the content of something else than its own branch: on these events the usual
 * reason is a checkout of a pull request, whose author then chooses the files of `config` and what runs in the steps before
 * (issue 12). What a workflow has checked out is all that can be seen of it here; the rest is said in SECURITY.md.
 *
 * @param env `GITHUB_EVENT_NAME`, `GITHUB_SHA` and `GITHUB_WORKSPACE` are read from it
 */
export function strangersContent(env: Readonly<Record<string, string | undefined>>): Finding[] {
  const { GITHUB_EVENT_NAME: event = '', GITHUB_SHA: own = '', GITHUB_WORKSPACE: workspace = '' } = env;
  if (!STRANGERS.includes(event) || workspace === '') return [];
  const there = checkedOut(workspace);
  if (there === undefined || there === own) return [];
  return [
    {
      id: 'strangers-content',
      severity: 'warning',
      message: `the workflow runs on ${event}, with the secrets of the repository, and has checked out ${there}, which is not the commit that it belongs to: if that is a pull request, its author chooses what is done with them`,
      remedy:
        'Check out the default branch alone in a job that has the secrets, or run on push or workflow_dispatch (SECURITY.md).',
    },
  ];
}

/** The commit in a directory; undefined where there is none, or it can't be told. */
export function checkedOut(directory: string): string | undefined {
  const head = read(directory, 'HEAD');
  const ref = /^ref: (refs\/[\w./-]{1,200})$/.exec(head)?.[1];
  const commit = ref === undefined || ref.includes('..') ? head : read(directory, ...ref.split('/'));
  return /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}

function read(directory: string, ...path: readonly string[]): string {
  try {
    return readFileSync(join(directory, '.git', ...path), 'utf8').trim();
  } catch {
    return '';
  }
}
