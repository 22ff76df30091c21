import { describe, expect, test } from '@jest/globals';
import { type Case, type Touched, type Verdict, judge } from '../../meshes/judge.ts';
import type { Answer, Look, Plane, Seen } from '../../meshes/look.ts';

const OLD = '1.30.3';
const NEW = '1.31.0';

const answer = (version: string): Answer => ({
  kind: 'injected',
  revision: 'default',
  version,
  home: 'istio-system',
});
const plane = (version: string): Plane => ({
  home: 'istio-system',
  revision: 'default',
  version,
  ready: true,
});
const pod = (namespace: string, version: string): Seen => ({
  namespace,
  name: 'web-x',
  owner: `Deployment ${namespace}/web`,
  revision: 'default',
  version,
  home: 'istio-system',
  ready: true,
  connected: 'default',
  synced: true,
});

/** Who is injected gets the control plane's proxy. */
const seen = (control: string, first: string, second: string): Look => ({
  snapshot: {},
  namespaces: {
    first: { labels: { 'istio-injection': 'enabled' }, annotations: {} },
    second: { labels: { 'istio-injection': 'enabled' }, annotations: {} },
  },
  answers: { 'Namespace first': answer(control), 'Namespace second': answer(control) },
  pods: [pod('first', first), pod('second', second)],
  workloads: [],
  planes: [plane(control)],
  defaultInjector: ['default'],
  defaultValidator: 'default',
  ofRevision: {},
});

const NOBODY: Touched = { namespaces: new Set(), mesh: false, any: false };
const says = (outcome: string, state: string, from = OLD, to = NEW): Verdict => ({
  outcome,
  outputs: {
    state,
    'from-revision': 'default',
    'from-version': from,
    'to-revision': 'default',
    'to-version': to,
  },
  headline: '',
  findings: [],
});

const IN_PLACE = { strategy: 'in-place' };
const CANARY: Case = {
  act: { run: 'canary', inputs: { ...IN_PLACE, 'canary-namespaces': 'first' } },
  said: says('succeeded', 'canary'),
  begin: seen(OLD, OLD, OLD),
  before: seen(OLD, OLD, OLD),
  after: seen(NEW, NEW, OLD),
  requests: [
    {
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/istio-system/deployments/istiod',
      user: 'admin',
      userAgent: 'istioctl',
      code: 200,
      persisting: true,
      persisted: true,
    },
  ],
  others: NOBODY,
  othersSinceBegin: NOBODY,
  unwell: new Set(),
};
const PROMOTE: Case = {
  ...CANARY,
  act: { run: 'promote', inputs: IN_PLACE },
  said: says('succeeded', 'completed'),
  before: CANARY.after,
  after: seen(NEW, NEW, NEW),
};
const ROLLBACK: Case = {
  ...PROMOTE,
  act: { run: 'rollback', inputs: IN_PLACE },
  said: says('rolled-back', 'rolled-back'),
  after: seen(OLD, OLD, OLD),
};
const UP: Look = seen(NEW, NEW, NEW);
const DOWN: Case = {
  ...CANARY,
  act: {
    run: 'canary',
    inputs: { ...IN_PLACE, 'canary-namespaces': 'first', 'allow-downgrade': 'true' },
  },
  said: says('succeeded', 'canary', NEW, OLD),
  begin: UP,
  before: UP,
  // The newer control plane stays, and injects the older proxy.
  after: { ...seen(OLD, OLD, NEW), planes: [plane(NEW)] },
};

describe('the rules of an upgrade in place', () => {
  test.each([
    ['canary', CANARY],
    ['promote', PROMOTE],
    ['rollback', ROLLBACK],
    ['canary that goes down by leave', DOWN],
  ])('find nothing in a %s that is right', (_, judged) => {
    expect(judge(judged)).toEqual([]);
  });

  test.each<[rule: string, what: string, judged: Case]>([
    [
      'in-place-goal',
      'the control plane was left',
      { ...CANARY, after: { ...CANARY.after, planes: [plane(OLD)] } },
    ],
    [
      'in-place-goal',
      'it is not ready',
      { ...PROMOTE, after: { ...UP, planes: [{ ...plane(NEW), ready: false }] } },
    ],
    ['in-place-goal', 'it went down before the proxies', { ...DOWN, after: seen(OLD, OLD, NEW) }],
    ['in-place-goal', 'it did not come back', { ...ROLLBACK, after: seen(NEW, OLD, OLD) }],
    ['canary-goal', 'a pod that was left behind', { ...CANARY, after: seen(NEW, OLD, OLD) }],
    ['promote-goal', 'a pod that was left behind', { ...PROMOTE, after: seen(NEW, NEW, OLD) }],
    ['rollback-goal', 'a pod that was left behind', { ...ROLLBACK, after: seen(OLD, NEW, OLD) }],
    [
      'in-place-direction',
      'down without leave',
      { ...DOWN, act: { run: 'canary', inputs: CANARY.act.inputs } },
    ],
    [
      'in-place-newer-proxies',
      'a proxy was newer for a moment',
      { ...ROLLBACK, moments: { unserved: [], newer: ['Pod first/web-x'] } },
    ],
    [
      'in-place-state-is-a-lie',
      'completed with an old proxy',
      { ...PROMOTE, said: says('failed', 'completed'), after: seen(NEW, NEW, OLD) },
    ],
    [
      'in-place-state-is-a-lie',
      'rolled back with the new control plane',
      { ...ROLLBACK, said: says('failed', 'rolled-back'), after: seen(NEW, OLD, OLD) },
    ],
  ])('%s: %s', (rule, _, judged) => {
    expect(judge(judged).map((found) => found.rule)).toContain(rule);
  });

  test('want the mesh configuration back, but for what was given up by its key, and told', () => {
    const at = (look: Look, log: string): Look => ({
      ...look,
      snapshot: { 'ConfigMap istio-system/istio': { metadata: { name: 'istio' }, data: { log } } },
    });
    const lost = { ...ROLLBACK, begin: at(ROLLBACK.begin, 'on'), after: at(ROLLBACK.after, 'off') };
    expect(judge(lost).map(({ rule }) => rule)).toEqual(['rollback-not-equal']);
    expect(judge({ ...lost, gaveUp: true }).map(({ rule }) => rule)).toEqual(['rollback-not-equal']);
    const findings = [{ id: 'given-up-not-restored', message: 'log' }];
    const said = { ...says('rolled-back', 'rolled-back'), findings };
    expect(judge({ ...lost, said, gaveUp: true })).toEqual([]);
  });

  test('ask nobody for what was in a namespace that was being deleted when the upgrade began (350001:2482)', () => {
    const going = (namespace: string): Look => ({
      ...ROLLBACK.begin,
      snapshot: {
        ...ROLLBACK.begin.snapshot,
        [`Deployment.apps ${namespace}/api`]: { metadata: { name: 'api' } },
      },
    });
    const [home = ''] = Object.keys(ROLLBACK.begin.namespaces);
    expect(judge({ ...ROLLBACK, begin: going('deleted') })).toEqual([]);
    expect(judge({ ...ROLLBACK, begin: going(home) }).map(({ rule }) => rule)).toEqual([
      'rollback-not-equal',
    ]);
  });

  test('let proxies be newer for as long as that was acknowledged', () => {
    const inputs = { ...IN_PLACE, acknowledge: 'proxies-newer-than-control-plane' };
    const moments = { unserved: [], newer: ['Pod first/web-x'] };
    expect(judge({ ...ROLLBACK, act: { run: 'rollback', inputs }, moments })).toEqual([]);
  });
});
