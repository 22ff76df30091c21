import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Problem, type WorkflowText, pasted, workflowTexts } from '../../scripts/workflow-text.ts';
import { parseDuration } from '../../src/input/duration.ts';
import type { Job, Step, Triggers, Workflow } from '../support/workflow-run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GATED = readFileSync(join(ROOT, 'examples/gated-upgrade.yml'), 'utf8');

/**
 * All at once, because it takes seconds to start, and in a process of its own: GitHub's language service imports JSON in a way that jest will soon refuse.
 */
function problemsOf(workflows: readonly WorkflowText[]): Problem[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/check-workflows.ts'), '--json'],
    { input: JSON.stringify(workflows), encoding: 'utf8', env: { PATH: process.env.PATH } },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Problem[];
}

/** Those that use the Action, or that are run in this repository. */
const WORKFLOWS = workflowTexts()
  .filter(({ path }) => !path.endsWith('action.yml'))
  .map(({ path, text }) => ({ path, text, workflow: parse(text) as Workflow }));
const EXAMPLES = WORKFLOWS.filter(({ path }) => path.startsWith('examples/'));

/** What canary, promote and rollback render must be the same mesh, of the same cluster. */
const SAME = [
  ...['strategy', 'context', 'expect-cluster', 'istio-namespace', 'revision', 'istioctl-base-url'],
  ...['config', 'set', 'gateway-config', 'gateways', 'cni'],
];

const jobsOf = (workflow: Workflow): Job[] => Object.values(workflow.jobs);
const stepsOf = (workflow: Workflow): Step[] => jobsOf(workflow).flatMap(({ steps = [] }) => steps);
const triggersOf = ({ on = {} }: Workflow): Triggers => (typeof on === 'string' ? {} : on);
const headOf = (text: string): string => text.split(/^(?!#)/m)[0] ?? '';
const isOurs = ({ uses = '' }: Step): boolean => uses === './' || uses.startsWith('OWNER/istio-upgrade@');
const phaseOf = (step: Step): string | undefined => (isOurs(step) ? String(step.with?.phase) : undefined);

describe("GitHub's language service and actionlint", () => {
  const workflows = workflowTexts();
  let problems: Problem[] = [];
  beforeAll(() => {
    const cases = broken.map(([, path, text], index) => ({ path: `${index}/${path}`, text }));
    problems = problemsOf([...workflows, ...cases]);
  });

  test('find nothing in the workflows here, in those to paste, and in action.yml', () => {
    const from = (start: string): number => workflows.filter(({ path }) => path.startsWith(start)).length;
    expect(from('examples/')).toBeGreaterThanOrEqual(10);
    expect(from('.github/workflows/')).toBeGreaterThanOrEqual(3);
    expect(from('README.md#')).toBe(3);
    expect(from('action.yml')).toBe(1);
    expect(problems.filter(({ path }) => workflows.some((workflow) => workflow.path === path))).toEqual([]);
  });

  const action = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  const broken: readonly [what: string, path: string, text: string, says: RegExp][] = [
    [
      'an input that is misspelt',
      'a.yml',
      GATED.replace('canary-namespaces:', 'canary-namespace:'),
      /canary-namespace'/,
    ],
    ['an input of an action in this repository', 'a.yml', local('phse'), /Invalid action input 'phse'/],
    [
      'an input that is required and missing',
      'a.yml',
      GATED.replace('          phase: precheck\n', ''),
      /Missing required input `phase`/,
    ],
    [
      'an output that is misspelt',
      'a.yml',
      GATED.replace('steps.istio.outputs.state', 'steps.istio.outputs.stat'),
      /no such output: stat/,
    ],
    [
      'an output of a job that it does not have',
      'a.yml',
      GATED.replace('needs.precheck.outputs.state', 'needs.precheck.outputs.next-phase'),
      /next-phase/,
    ],
    ['a job that is not there', 'a.yml', GATED.replace('needs: precheck', 'needs: prechek'), /prechek/],
    [
      'a permission that is not there',
      'a.yml',
      GATED.replace('permissions: {}', 'permissions: { content: read }'),
      /content/,
    ],
    ['a key that is not there', 'a.yml', GATED.replace('runs-on:', 'run-on:'), /run-on/],
    [
      'an input of another action that is misspelt',
      'a.yml',
      GATED.replace('path: ${{ steps', 'paths: ${{ steps'),
      /'paths'/,
    ],
    [
      'an action that nobody has looked at',
      'a.yml',
      GATED.replace('actions/upload-artifact', 'actions/upload-artefact'),
      /Unable to resolve action/,
    ],
    [
      'a value of strangers in a script',
      'a.yml',
      `${local('version')}      - run: echo \${{ github.event.issue.title }}\n`,
      /potentially untrusted/,
    ],
    ['an icon that is not there', 'action.yml', action.replace('icon: anchor', 'icon: ankor'), /ankor/],
    ['a condition that is none', 'action.yml', action.replace('always()', 'allways()'), /allways/],
    ['a runtime that is not there', 'action.yml', action.replace('using: node24', 'using: node23'), /node23/],
  ];
  test.each(broken.map(([what, path, , says], index) => [what, `${index}/${path}`, says] as const))(
    'find %s',
    (_what, of, says) => {
      const found = problems.filter(({ path }) => path === of).map(({ message }) => message);
      expect(found).toContainEqual(expect.stringMatching(says));
    },
  );
});

/** A workflow of this repository with an input of that name. */
function local(input: string): string {
  return `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        with: { phase: precheck, kubeconfig: x, ${input}: x }
`;
}

test('a workflow in a document is found, with and without its head, also in a list', () => {
  const text =
    '```yaml\nname: a\n```\n\n```yaml\non: push\njobs: {}\n```\n\n- x\n\n  ```yaml\n  jobs:\n    a: b\n  ```\n';
  expect(pasted('x.md', text)).toEqual([
    { path: 'x.md#1', text: 'on: push\njobs: {}\n' },
    { path: 'x.md#2', text: 'on: workflow_dispatch\njobs:\n  a: b\n' },
  ]);
});

describe.each(WORKFLOWS)('$path', ({ path, text, workflow }) => {
  const ours = stepsOf(workflow).some(isOurs);

  test('names other actions by commit, with the version beside it', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    const pinned =
      /uses: (OWNER\/istio-upgrade@COMMIT|\.\/\S*|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\b.*)$/;
    expect(uses.filter((line) => !pinned.test(line))).toEqual([]);
  });

  test('grants nothing but what a job asks for', () => {
    if (path.startsWith('docs/')) return; // only jobs are shown there
    expect(workflow.permissions).toEqual({});
  });

  test('puts no value into a script but by the environment', () => {
    expect(stepsOf(workflow).filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  test('leaves no token in a checkout', () => {
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  if (!ours) return;

  test('cancels no phase that runs', () => {
    const groups = [workflow, ...jobsOf(workflow)].flatMap(({ concurrency }) => concurrency ?? []);
    const cancelling = groups.filter(
      (group) => typeof group !== 'string' && group['cancel-in-progress'] !== false,
    );
    expect(cancelling).toEqual([]);
  });

  test('lets no rollback wait behind another phase, and starts none by a step', () => {
    for (const job of jobsOf(workflow)) {
      const phases = (job.steps ?? []).flatMap((step) => phaseOf(step) ?? []);
      if (!phases.includes('rollback')) continue;
      expect(workflow.concurrency).toBeUndefined();
      expect(job.concurrency).toBeUndefined();
    }
    const rollbacks = stepsOf(workflow).filter((step) => phaseOf(step) === 'rollback');
    expect(rollbacks.filter((step) => /failure|always|cancelled/.test(step.if ?? ''))).toEqual([]);
  });

  test.each(SAME)('gives all phases the same %s', (input) => {
    const given = jobsOf(workflow).flatMap(({ steps = [], environment }) =>
      steps
        .filter(isOurs)
        .map((step) => String(step.with?.[input] ?? ''))
        .map((value) => (value === environment ? 'as its environment' : value)),
    );
    expect([...new Set(given)].length).toBeLessThanOrEqual(1);
  });

  test('names the cluster where a runner of your own, or an environment of another name, may lead to another', () => {
    const jobs = jobsOf(workflow).filter(
      ({ environment = '', 'runs-on': runner }) =>
        String(runner).includes('self-hosted') || environment.includes('${{'),
    );
    const inputs = triggersOf(workflow).workflow_dispatch?.inputs ?? {};
    // Other expressions may be empty for the same reason as the secret.
    const isNamed = (text: string): boolean =>
      /^[^${}]+$|^\$\{\{ matrix\.\w+ \}\}$/.test(text) ||
      inputs[/^\$\{\{ inputs\.(\w+) \}\}$/.exec(text)?.[1] ?? '']?.type === 'choice';
    const unnamed = jobs
      .flatMap(({ steps = [] }) => steps)
      .filter(isOurs)
      .filter(
        ({ with: given }) =>
          ![given?.context, given?.['expect-cluster']].some((text) => isNamed(String(text ?? ''))),
      );
    expect(unnamed).toEqual([]);
  });

  test('is not red over a report that could not be kept', () => {
    if (path.startsWith('.github/')) return; // there it is what is looked at
    const uploads = stepsOf(workflow).filter(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
    expect(uploads.filter((step) => step['continue-on-error'] !== true)).toEqual([]);
  });

  test('gives each job more time than its phases take for themselves', () => {
    for (const { steps = [], 'timeout-minutes': minutes } of jobsOf(workflow)) {
      if (minutes === undefined) continue; // GitHub's six hours
      for (const step of steps.filter(isOurs)) {
        const own = step.with?.phase === 'precheck' ? '10m' : String(step.with?.timeout ?? '30m');
        expect(minutes * 60_000).toBeGreaterThan(parseDuration(own));
      }
    }
  });
});

describe('examples', () => {
  test.each(EXAMPLES)('$path says when to use it, and has a row in the list', ({ path, text }) => {
    expect(headOf(text)).toMatch(/^# When to use it: /m);
    const list = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    expect(list).toContain(`(${path.replace('examples/', '')})`);
  });

  test.each(EXAMPLES.filter(({ text }) => text.includes('environment:')))(
    '$path says that environments are limited to the default branch',
    ({ text }) => {
      expect(headOf(text)).toContain('Limit each environment to the default branch');
    },
  );

  test.each(EXAMPLES.filter(({ text }) => /\banew\b|by the commit/.test(headOf(text))))(
    '$path can be started anew, as its head says, also by the commit that changes it',
    ({ path, workflow }) => {
      const { workflow_dispatch: byHand, push } = triggersOf(workflow);
      expect(byHand).toBeDefined();
      if (push?.paths !== undefined)
        expect(push.paths).toContain(path.replace('examples', '.github/workflows'));
    },
  );

  test.each(EXAMPLES.filter(({ workflow }) => stepsOf(workflow).some((step) => phaseOf(step) === 'canary')))(
    '$path has the way back in it, or says where it is',
    ({ text, workflow }) => {
      const isThere = stepsOf(workflow).some((step) => phaseOf(step) === 'rollback');
      expect(isThere || headOf(text).includes('rollback.yml')).toBe(true);
    },
  );

  test('the list has no row of a file that is not there', () => {
    const list = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    const rows = [...list.matchAll(/\]\(([\w-]+\.yml)\)/g)].map(([, file = '']) => file).sort();
    expect(rows).toEqual(globSync('*.yml', { cwd: join(ROOT, 'examples') }).sort());
  });

  test('each phase, and the removal, is in one of them', () => {
    const steps = EXAMPLES.flatMap(({ workflow }) => stepsOf(workflow)).filter(isOurs);
    const phases = new Set(steps.map(phaseOf));
    expect([...phases]).toEqual(expect.arrayContaining(['precheck', 'canary', 'promote', 'rollback']));
    expect(steps.some((step) => step.with?.['remove-old'] === true)).toBe(true);
  });
});
