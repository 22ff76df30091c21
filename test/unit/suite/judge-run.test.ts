import { describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../../scripts/run-action.ts';
import { judgeRun } from '../../suite/judge-run.ts';
import type { AfterRun } from '../../suite/scenario.ts';

const LOCKED = {
  id: 'locked',
  severity: 'error',
  object: 'Lease istio-system/istio-upgrade',
  message: 'somebody is at work, says context blue',
  remedy: 'Wait for it.',
};

const RUN: RunResult = {
  exitCode: 1,
  outputs: { outcome: 'refused', state: 'none', 'next-phase': 'canary', findings: JSON.stringify([LOCKED]) },
  state: {},
  summary: 'refused',
  stdout: '',
  stderr: '',
  report: {
    attempt: 'a1',
    steps: [{ id: 'x', title: 'X', status: 'pending', detail: '', changes: ['Namespace shop: moves'] }],
  } as unknown as NonNullable<RunResult['report']>,
  masks: [],
  post: { exitCode: 0, stdout: '', stderr: '' },
  leftovers: [],
};

const THEN: AfterRun = {
  outcome: 'refused',
  state: 'none',
  errors: ['locked'],
  about: ['Lease istio-system/istio-upgrade'],
  says: [
    {
      id: 'locked',
      object: 'Lease istio-system/istio-upgrade',
      message: ['somebody', '{context}'],
      remedy: 'Wait',
    },
  ],
  outputs: { 'next-phase': 'canary' },
  asked: 'no-write',
  changes: { has: ['Namespace shop'], lacks: ['uninstall'] },
  hides: ['secret'],
  attempt: 'same',
};

const READ = { what: 'get /api', persists: false };
const WRITE = { what: 'patch /api', persists: true };
const EVIDENCE = { run: RUN, requests: [READ], context: 'blue', attemptBefore: 'a1' };

describe('a run is judged by all that was said of it', () => {
  test('one that is as it should be', () => {
    expect(judgeRun(THEN, EVIDENCE)).toEqual([]);
  });

  test.each<[string, Partial<AfterRun>]>([
    ['outcome', { outcome: 'failed' }],
    ['exit code', { outcome: 'no-changes' }],
    ['state', { state: 'canary' }],
    ['errors', { errors: [] }],
    ['objects of the errors', { about: ['Namespace shop'] }],
    ['no error says', { says: [{ id: 'locked', message: ['somebody', 'else'] }] }],
    ['no error says', { says: [{ id: 'locked', oneOf: ['nobody', 'others'] }] }],
    ['no error says', { says: [{ id: 'locked', object: 'Pod a/b' }] }],
    ['no error says', { says: [{ id: 'unlocked' }] }],
    ['no error says', { says: [{ id: 'locked', remedy: 'Delete it' }] }],
    ['next-phase', { outputs: { 'next-phase': '' } }],
    ['get /api', { asked: 'nothing' }],
    ['no step changes', { changes: { has: ['uninstall'], lacks: [] } }],
    ['a step changes', { changes: { has: [], lacks: ['Namespace'] } }],
    ['hide', { hides: ['blue'] }],
    ['attempt', { attempt: 'new' }],
  ])('%s', (_, then) => {
    expect(judgeRun({ ...THEN, ...then }, EVIDENCE).length).toBeGreaterThan(0);
  });

  test.each<[string, Partial<RunResult>]>([
    ['post', { post: { exitCode: 1, stdout: '', stderr: '' } }],
    ['leftovers', { leftovers: ['kubeconfig'] }],
    ['summary', { summary: '' }],
    ['exit code', { exitCode: 0 }],
    ['died', { exitCode: null }],
    ['no report', { report: undefined }],
    [
      'an error without words',
      {
        outputs: { ...RUN.outputs, findings: JSON.stringify([LOCKED, { ...LOCKED, message: '' }]) },
      },
    ],
  ])('whatever was said: %s', (_, changes) => {
    expect(judgeRun(THEN, { ...EVIDENCE, run: { ...RUN, ...changes } }).length).toBeGreaterThan(0);
  });

  test('a write where none was allowed is named', () => {
    expect(judgeRun(THEN, { ...EVIDENCE, requests: [READ, WRITE] })).toEqual([
      'it was to write nothing: patch /api',
    ]);
  });

  test('another attempt than that of the run before', () => {
    expect(judgeRun(THEN, { ...EVIDENCE, attemptBefore: 'a0' }).length).toBe(1);
    expect(judgeRun({ ...THEN, attempt: 'new' }, { ...EVIDENCE, attemptBefore: 'a0' })).toEqual([]);
  });
});
