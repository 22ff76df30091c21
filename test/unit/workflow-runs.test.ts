import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { workflowTexts } from '../../scripts/workflow-text.ts';
import { OUTCOMES, type Outcome, STATES, exitCode } from '../../src/outcome.ts';
import { CHANGING } from '../../src/phases/phases.ts';
import {
  type Answer,
  type Job,
  type Workflow,
  filledIn,
  firstOf,
  playWorkflow,
} from '../support/workflow-run.ts';

/** The workflows to paste, run as GitHub would: which jobs do what the phases before them told. */
const texts = new Map(workflowTexts().map(({ path, text }) => [path, text]));
const workflowOf = (path: string): Workflow => parse(texts.get(path) ?? '') as Workflow;
const phaseOf = ({ steps = [] }: Job): string =>
  String(steps.find(({ uses }) => uses?.startsWith('OWNER/'))?.with?.phase ?? '');

/** How a phase ends, by its outputs. */
type Told = Readonly<{ outcome: Outcome; state?: string; 'to-version'?: string }>;

const answers =
  (phases: Readonly<Record<string, Told>>) =>
  (job: Job): Answer => {
    const told = phases[phaseOf(job)] ?? { outcome: 'succeeded' };
    return { result: exitCode(told.outcome) === 0 ? 'success' : 'failure', outputs: told };
  };

const precheckIn = (state: string): Told => ({ outcome: 'succeeded', state, 'to-version': '1.31.0' });
const FRESH = precheckIn('none');
const WORKS: Told = { outcome: 'succeeded', state: 'canary' };

const UPGRADES = [
  'README.md#1',
  'examples/gated-upgrade.yml',
  'examples/pipeline-step.yml',
  'examples/in-place.yml',
];

describe.each(UPGRADES)('%s', (path) => {
  const workflow = workflowOf(path);
  const run = (phases: Readonly<Record<string, Told>>, way = 'upgrade'): string[] => [
    ...new Set(
      [...playWorkflow(workflow, { inputs: { version: 'latest', way } }, answers(phases)).keys()]
        .map((name) => phaseOf(workflow.jobs[name] ?? {}))
        .filter((phase) => phase !== ''),
    ),
  ];

  test('goes through the phases, one after the other', () => {
    expect(run({ precheck: FRESH, canary: WORKS })).toEqual(['precheck', 'canary', 'promote']);
  });

  test.each<[string, Told]>([
    ['is refused', { outcome: 'refused', state: 'none' }],
    ['is refused while promote is under way', { outcome: 'refused', state: 'promoting' }],
    ['finds nothing to upgrade', { outcome: 'no-changes', state: '' }],
  ])('ends with a precheck that %s', (_what, precheck) => {
    expect(run({ precheck })).toEqual(['precheck']);
  });

  // A run in which every job was skipped would be green.
  test.each(['removing', 'rolling-back'] as const)('lets canary say what to do where it is %s', (state) => {
    const canary = { outcome: 'refused', state } as const;
    expect(run({ precheck: precheckIn(state), canary })).toEqual(['precheck', 'canary']);
  });

  test('does not promote after a job of precheck that failed beside the Action', () => {
    const failing = (job: Job): Answer => ({
      result: phaseOf(job) === 'precheck' ? 'failure' : 'success',
      outputs: precheckIn('promoting'),
    });
    expect([...playWorkflow(workflow, { inputs: { way: 'upgrade' } }, failing).keys()]).toEqual(['precheck']);
  });

  const FAILED = OUTCOMES.filter((outcome) => exitCode(outcome) !== 0);
  test.each(FAILED)('does not promote after a canary that is %s', (outcome) => {
    for (const state of STATES) {
      expect(run({ precheck: FRESH, canary: { outcome, state } })).toEqual(['precheck', 'canary']);
    }
  });

  test('does not promote after a canary that was not approved, or ran out of its time', () => {
    for (const result of ['failure', 'cancelled'] as const) {
      const ended = (job: Job): Answer =>
        phaseOf(job) === 'canary' ? { result } : answers({ precheck: FRESH })(job);
      const jobs = [...playWorkflow(workflow, { inputs: { way: 'upgrade' } }, ended).keys()];
      expect(jobs).toEqual(['precheck', 'canary']);
    }
  });

  test('started anew, it runs canary in each state that canary may start from', () => {
    const strategy = workflow.jobs.canary?.steps?.some((step) => step.with?.strategy === 'in-place');
    const { states } = CHANGING[strategy === true ? 'in-place' : 'revision'].canary;
    for (const state of states) {
      expect(run({ precheck: precheckIn(state), canary: WORKS })).toEqual(['precheck', 'canary', 'promote']);
    }
  });

  test('started anew where promote has begun, from which canary is refused, it goes on with promote', () => {
    const canary: Told = { outcome: 'refused', state: 'promoting' };
    expect(run({ precheck: precheckIn('promoting'), canary })).toEqual(['precheck', 'promote']);
  });

  test('gives canary and promote the whole version that precheck has found', () => {
    const jobs = playWorkflow(
      workflow,
      { inputs: { version: 'latest', way: 'upgrade' } },
      answers({ precheck: FRESH, canary: WORKS }),
    );
    expect(jobs.get('canary')?.version).toBe('1.31.0');
    expect(jobs.get('promote')?.version).toBe('1.31.0');
  });
});

test('pipeline-step.yml promotes nothing where the smoke test fails', () => {
  const failing = (job: Job): Answer => {
    const isSmoke = job.steps?.some(({ run }) => run?.startsWith('curl')) === true;
    return isSmoke ? { result: 'failure' } : answers({ precheck: FRESH, canary: WORKS })(job);
  };
  const jobs = playWorkflow(workflowOf('examples/pipeline-step.yml'), { inputs: {} }, failing);
  expect([...jobs.keys()]).toEqual(['precheck', 'canary', 'smoke-test']);
});

describe('pipeline-step.yml, where the version stands in Git', () => {
  const deliver = (event: string, state: string): string[] => [
    ...playWorkflow(
      workflowOf('examples/pipeline-step.yml'),
      { inputs: {}, event },
      answers({ precheck: precheckIn(state), canary: WORKS }),
    ).keys(),
  ];
  const ALL = ['precheck', 'canary', 'smoke-test', 'promote'];

  test('does not upgrade again by a push what was rolled back', () => {
    expect(deliver('push', 'rolled-back')).toEqual(['precheck']);
    expect(deliver('workflow_dispatch', 'rolled-back')).toEqual(ALL);
  });

  test.each(['none', 'canarying', 'canary'])('delivers it by a push where the state is %s', (state) => {
    expect(deliver('push', state)).toEqual(ALL);
  });
});

/** Those that are told the phase when they are started, and have a way back among them. */
const CHOOSING = [...texts.keys()].filter((path) => {
  const { on } = workflowOf(path);
  const phase = typeof on === 'string' ? undefined : on?.workflow_dispatch?.inputs?.phase;
  return phase?.options?.includes('rollback');
});

test('the way back can be chosen where the phase is', () => {
  expect(CHOOSING).toEqual(
    ['air-gapped', 'many-clusters', 'self-hosted-proxy'].map((name) => `examples/${name}.yml`),
  );
});

describe.each(CHOOSING)('%s, started with a phase', (path) => {
  const workflow = workflowOf(path);
  const start = (phase: string) => ({ inputs: { phase, version: '1.31.0', cluster: 'prod-us-1' } });
  const ran = (phase: string) => playWorkflow(workflow, start(phase), answers({}));
  const groupsOf = (phase: string, run: string): string[] =>
    [workflow, ...[...ran(phase).keys()].map((name) => workflow.jobs[name] ?? {})].flatMap((at) => {
      const { concurrency: group = [] } = at;
      const matrix = 'steps' in at ? firstOf(at) : {};
      const context = { ...start(phase), matrix, github: { run_id: run } };
      return [group].flat().map((each) => {
        const text = typeof each === 'string' ? each : each.group;
        return filledIn({ text }, context).text ?? '';
      });
    });

  test('does that one, and nothing beside it', () => {
    for (const phase of ['precheck', 'canary', 'promote', 'rollback']) {
      const phases = [...ran(phase).values()].map((given) => given.phase);
      expect([...new Set(phases)]).toEqual([phase]);
    }
    expect(ran('rollback').size).toBe(1);
  });

  test('lets no rollback wait behind another run, and every other phase', () => {
    expect(groupsOf('rollback', '1').filter((group) => groupsOf('rollback', '2').includes(group))).toEqual(
      [],
    );
    expect(groupsOf('canary', '1')).toEqual(groupsOf('promote', '2'));
    expect(groupsOf('canary', '1')).not.toEqual([]);
  });
});

test('many-clusters.yml takes back the one cluster that was named', () => {
  const inputs = { phase: 'rollback', version: '1.31.0', cluster: 'prod-us-1' };
  const jobs = playWorkflow(workflowOf('examples/many-clusters.yml'), { inputs }, answers({}));
  expect(jobs.get('rollback')).toMatchObject({ phase: 'rollback', context: 'prod-us-1', version: '1.31.0' });
});

describe('a job that rolls back by itself', () => {
  const automatic = [...texts.keys()]
    .filter((path) => !path.endsWith('action.yml') && !path.startsWith('.github/'))
    .map((path) => ({ path, workflow: workflowOf(path) }))
    .filter(({ workflow }) =>
      Object.values(workflow.jobs).some((job) => phaseOf(job) === 'rollback' && job.needs !== undefined),
    );

  test('is in one of them', () => {
    expect(automatic.map(({ path }) => path)).toEqual(['examples/rollback-on-failure.yml']);
  });

  const [{ workflow } = { workflow: { jobs: {} } }] = automatic;
  const rolledBack = (canary: Told, attempt = 1): boolean =>
    playWorkflow(workflow, { inputs: { version: '1.31.0' }, attempt }, answers({ canary })).has('rollback');

  test.each(OUTCOMES)('takes back no more than its own canary, which %s', (outcome) => {
    const states = STATES.filter((state) => rolledBack({ outcome, state }));
    expect(states).toEqual(outcome === 'failed' ? ['canarying', 'canary'] : []);
    expect(rolledBack({ outcome, state: '' })).toBe(false);
  });

  test('run again, it goes on with a rollback that did not end, from which canary is refused', () => {
    expect(rolledBack({ outcome: 'refused', state: 'rolling-back' }, 2)).toBe(true);
    for (const state of STATES.filter((state) => state !== 'rolling-back')) {
      expect(rolledBack({ outcome: 'refused', state }, 2)).toBe(false);
    }
  });
});
