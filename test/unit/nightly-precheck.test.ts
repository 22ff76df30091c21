import { beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { scratch } from '../support/scratch.ts';

/** The script of examples/nightly-precheck.yml, run as the runner does, with a `gh` that only writes down its arguments. */
const EXAMPLE = new URL('../../examples/nightly-precheck.yml', import.meta.url);

const { jobs } = parse(readFileSync(EXAMPLE, 'utf8')) as {
  jobs: { precheck: { steps: { name?: string; run?: string; env?: Record<string, string> }[] } };
};
const step = jobs.precheck.steps.find(({ name }) => name?.includes('issue'))!;

const GH = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(process.env.CALLS, JSON.stringify(args) + '\\n');
if (args[0] === 'issue' && args[1] === 'list') process.stdout.write(process.env.OPEN_ISSUE + '\\n');
`;

let directory = '';
beforeEach(() => {
  directory = scratch('nightly');
  writeFileSync(join(directory, 'gh'), GH, { mode: 0o755 });
  writeFileSync(join(directory, 'calls'), '');
});

interface Result {
  /** The calls of gh that change something, without the label's. */
  readonly calls: string[][];
  readonly body: string;
}

function run(values: Readonly<Record<string, string>>): Result {
  const script = join(directory, 'script.sh');
  writeFileSync(script, step.run!);
  const { status, stderr } = spawnSync('bash', ['-e', script], {
    encoding: 'utf8',
    env: {
      PATH: `${directory}:${process.env.PATH}`,
      RUNNER_TEMP: directory,
      CALLS: join(directory, 'calls'),
      OPEN_ISSUE: '',
      RUN_URL: 'https://github.com/o/r/actions/runs/1',
      FROM: '1.30.3',
      TO: '1.31.0',
      IDS: '',
      ...values,
    },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const calls = readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n');
  const body = join(directory, 'issue.md');
  return {
    calls: calls
      .map((call) => JSON.parse(call) as string[])
      .filter(([noun, verb]) => noun !== 'label' && verb !== 'list'),
    body: readOr(body, ''),
  };
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

test('the step has all that its script reads', () => {
  const read = new Set([...step.run!.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name = '']) => name));
  read.delete('RUNNER_TEMP');
  expect(Object.keys(step.env!)).toEqual(expect.arrayContaining([...read]));
});

test('opens an issue with the ids, each once, and nothing else of the cluster', () => {
  const { calls, body } = run({
    OUTCOME: 'refused',
    IDS: 'gateways-not-yet-moved both-injection-labels gateways-not-yet-moved',
  });
  expect(calls).toEqual([
    [
      ...['issue', 'create', '--title', 'Istio 1.30.3 → 1.31.0: precheck is refused'],
      ...['--label', 'istio-precheck', '--body-file', join(directory, 'issue.md')],
    ],
  ]);
  expect(body).toBe(
    'Last looked at in https://github.com/o/r/actions/runs/1, whose summary says what to do.\n\n' +
      '- `both-injection-labels` (1)\n- `gateways-not-yet-moved` (2)\n',
  );
});

test('changes the one that is open', () => {
  const { calls } = run({ OUTCOME: 'inconclusive', OPEN_ISSUE: '7' });
  expect(calls.map((call) => call.slice(0, 3))).toEqual([['issue', 'edit', '7']]);
});

test('says so when the Action came to no outcome at all', () => {
  const { calls } = run({ OUTCOME: '', FROM: '' });
  expect(calls[0]).toContain('Istio ? → 1.31.0: precheck is without an outcome');
});

test.each(['succeeded', 'no-changes'])('closes the one that is open when precheck is %s', (OUTCOME) => {
  expect(run({ OUTCOME, OPEN_ISSUE: '7' }).calls.map((call) => call.slice(0, 3))).toEqual([
    ['issue', 'close', '7'],
  ]);
});

test.each(['succeeded', 'no-changes'])('does nothing when precheck is %s and none is open', (OUTCOME) => {
  expect(run({ OUTCOME }).calls).toEqual([]);
});
