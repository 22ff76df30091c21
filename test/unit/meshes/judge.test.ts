import { describe, expect, test } from '@jest/globals';
import type { AuditEntry } from '../../../embedded/api/audit.ts';
import { type Case, type Touched, type Verdict, isBelow, judge, selected } from '../../meshes/judge.ts';
import type { Answer, Look, Plane, Seen } from '../../meshes/look.ts';

const OLD = '1-30-3';
const NEW = '1-31-0';

const answer = (revision: string): Answer => ({
  kind: 'injected',
  revision,
  version: revision.replaceAll('-', '.'),
  home: 'istio-system',
});
const NONE: Answer = { kind: 'none', revision: '', version: '', home: '' };
const REFUSED: Answer = { kind: 'refused', revision: '', version: '', home: '' };
const plane = (revision: string): Plane => ({
  home: 'istio-system',
  revision,
  version: revision.replaceAll('-', '.'),
  ready: true,
});
const pod = (revision: string, change: Partial<Seen> = {}): Seen => ({
  namespace: 'first',
  name: 'web-x',
  owner: 'Deployment first/web',
  revision,
  version: revision.replaceAll('-', '.'),
  home: 'istio-system',
  ready: true,
  connected: revision,
  synced: true,
  ...change,
});

const seen = (revision: string, change: Partial<Look> = {}): Look => ({
  snapshot: { 'Service first/web': { metadata: { name: 'web', labels: { a: '1', b: '2' } } } },
  namespaces: {
    first: { labels: { 'istio.io/rev': OLD }, annotations: {} },
    outside: { labels: {}, annotations: {} },
  },
  answers: {
    'Namespace first': answer(revision),
    'Deployment first/web': answer(revision),
    'Namespace outside': NONE,
  },
  pods: [pod(revision)],
  workloads: [{ ref: 'Deployment first/web', namespace: 'first', desired: 1, ready: 1, updated: 1, old: 0 }],
  planes: [plane(OLD)],
  defaultInjector: [OLD],
  defaultValidator: OLD,
  ofRevision: {},
  ...change,
});

const ingress = (revision: string): Look['snapshot'] => ({
  'Deployment.apps istio-system/istio-ingressgateway': {
    metadata: {
      name: 'istio-ingressgateway',
      labels: { 'istio.io/rev': revision, 'operator.istio.io/component': 'IngressGateways' },
    },
  },
});

const agent = (revision: string): Look['snapshot'] => ({
  'DaemonSet.apps istio-system/istio-cni-node': {
    metadata: {
      name: 'istio-cni-node',
      labels: { 'istio.io/rev': revision, 'operator.istio.io/component': 'Cni' },
    },
  },
});

const WEB_GATEWAY = (revision: string): Seen =>
  pod(revision, { owner: 'Deployment first/web-istio', name: 'web-istio-x', ofGateway: true });

const NOBODY: Touched = { namespaces: new Set(), mesh: false, any: false };
const write = (method: string, path: string, persisted = true): AuditEntry => ({
  method,
  path,
  user: 'admin',
  userAgent: 'istio-upgrade',
  code: 200,
  persisting: true,
  persisted,
});
const says = (outcome: string, outputs: Record<string, string> = {}): Verdict => ({
  outcome,
  outputs: {
    'from-revision': OLD,
    'from-version': '1.30.3',
    'to-revision': NEW,
    'to-version': '1.31.0',
    ...outputs,
  },
  headline: '',
  findings: [],
});

/** A canary that moved `first` as it should. */
const moved = seen(NEW, {
  namespaces: {
    first: {
      labels: { 'istio.io/rev': NEW },
      annotations: { 'istio-upgrade/original-labels': `{"istio.io/rev":"${OLD}","istio-injection":null}` },
    },
    outside: { labels: {}, annotations: {} },
  },
  planes: [plane(OLD), plane(NEW)],
});
const CANARY: Case = {
  act: { run: 'canary', inputs: { 'canary-namespaces': 'first' } },
  said: says('succeeded', { state: 'canary' }),
  begin: seen(OLD),
  before: seen(OLD),
  after: moved,
  requests: [
    write('PATCH', '/api/v1/namespaces/first'),
    write('POST', '/api/v1/namespaces/istio-system/services'),
  ],
  others: NOBODY,
  othersSinceBegin: NOBODY,
  unwell: new Set(),
};
const PROMOTE: Case = {
  ...CANARY,
  act: { run: 'promote', inputs: {} },
  said: says('succeeded', { state: 'promoted' }),
  before: moved,
  after: { ...moved, defaultInjector: [NEW], defaultValidator: NEW },
};
const ROLLBACK: Case = {
  ...CANARY,
  act: { run: 'rollback', inputs: {} },
  said: says('rolled-back', { state: 'rolled-back' }),
  before: moved,
  after: seen(OLD),
};

const broken = (judged: Case): string[] => [...new Set(judge(judged).map(({ rule }) => rule))];

describe('the rules', () => {
  test.each([
    ['canary', CANARY],
    ['promote', PROMOTE],
    ['rollback', ROLLBACK],
  ])('find nothing in a %s that is right', (_, judged) => {
    expect(judge(judged)).toEqual([]);
  });

  test.each<[rule: string, what: string, judged: Case]>([
    [
      'outside-scope-written',
      'a namespace without injection is patched',
      { ...CANARY, requests: [write('PATCH', '/api/v1/namespaces/outside')] },
    ],
    [
      'reader-writes',
      'precheck asks to write',
      {
        ...CANARY,
        act: { run: 'precheck', inputs: {} },
        said: says('succeeded'),
        requests: [write('POST', '/api/v1/namespaces/first/x', false)],
      },
    ],
    ['refused-but-wrote', 'refused after a write', { ...CANARY, said: says('refused'), after: seen(OLD) }],
    [
      'failed-without-write',
      'failed after the Lease and the record alone',
      {
        ...CANARY,
        said: says('failed'),
        after: seen(OLD),
        requests: [
          write('PATCH', '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases/istio-upgrade'),
          write('PUT', '/api/v1/namespaces/istio-system/configmaps/istio-upgrade'),
        ],
      },
    ],
    [
      'unexpected-error',
      'an error of the program',
      { ...CANARY, said: { ...says('failed'), findings: [{ id: 'unexpected-error', message: 'x' }] } },
    ],
    [
      'failed-points-forward',
      'failed, then promote',
      { ...CANARY, said: says('failed', { 'next-phase': 'promote' }) },
    ],
    [
      'points-to-itself',
      'nothing to do, and the same again',
      { ...CANARY, said: says('no-changes', { state: 'canarying', 'next-phase': 'canary' }) },
    ],
    [
      'wrong-direction',
      'from the newer to the older',
      { ...CANARY, said: says('succeeded', { 'from-version': '1.31.0', 'to-version': '1.30.3' }) },
    ],
    [
      'wrong-direction',
      'rollback removes the older',
      { ...ROLLBACK, before: moved, after: { ...moved, planes: [plane(NEW)] } },
    ],
    ['canary-goal', 'a pod that was left behind', { ...CANARY, after: { ...moved, pods: [pod(OLD)] } }],
    [
      'canary-goal',
      'a workload without pods',
      {
        ...CANARY,
        after: {
          ...moved,
          pods: [],
          workloads: [
            { ref: 'Deployment first/web', namespace: 'first', desired: 2, ready: 0, updated: 0, old: 0 },
          ],
        },
      },
    ],
    [
      'canary-goal',
      'connected to another istiod',
      { ...CANARY, after: { ...moved, pods: [pod(NEW, { connected: OLD })] } },
    ],
    [
      'promote-goal',
      'the validator was left',
      { ...PROMOTE, after: { ...PROMOTE.after, defaultValidator: OLD } },
    ],
    [
      'promote-goal',
      'the old control plane was not removed',
      { ...PROMOTE, act: { run: 'promote', inputs: { 'remove-old': 'true' } } },
    ],
    [
      'rollback-goal',
      'the new control plane is there',
      { ...ROLLBACK, after: seen(OLD, { planes: [plane(OLD), plane(NEW)] }) },
    ],
    [
      'rollback-not-equal',
      'a label more',
      {
        ...ROLLBACK,
        after: seen(OLD, {
          snapshot: { 'Service first/web': { metadata: { name: 'web', labels: { a: '1' } } } },
        }),
      },
    ],
    [
      'outcome-and-state-differ',
      'rolled back, and the state of before',
      { ...ROLLBACK, said: says('rolled-back', { state: 'canarying' }) },
    ],
    [
      'outcome-and-state-differ',
      'removed, and the removal goes on',
      {
        ...PROMOTE,
        act: { run: 'promote', inputs: { 'remove-old': 'true' } },
        said: says('succeeded', { state: 'removing' }),
      },
    ],
    [
      'state-is-a-lie',
      'promoted without the default',
      { ...PROMOTE, after: { ...PROMOTE.after, defaultInjector: [OLD] } },
    ],
    [
      'state-is-a-lie',
      'canary with a pod that is not ready',
      {
        ...CANARY,
        said: says('failed', { state: 'canary' }),
        after: { ...moved, pods: [pod(NEW, { ready: false })] },
      },
    ],
    [
      'injection-lost-in-green',
      'somebody took the injector, and it was seen',
      {
        ...ROLLBACK,
        sawOthers: true,
        others: { ...NOBODY, mesh: true, any: true },
        after: seen(OLD, { answers: { 'Namespace first': NONE } }),
      },
    ],
    [
      'injection-lost-in-green',
      'somebody took the injector that a template asks for by itself',
      {
        ...ROLLBACK,
        before: seen(OLD, { answers: { 'Deployment bypod/asks': answer(OLD) } }),
        sawOthers: true,
        others: { ...NOBODY, mesh: true, any: true },
        after: seen(OLD, { answers: { 'Deployment bypod/asks': NONE } }),
      },
    ],
    [
      'injection-lost',
      'refused now',
      {
        ...CANARY,
        said: undefined,
        after: { ...moved, answers: { ...moved.answers, 'Namespace first': REFUSED } },
      },
    ],
    [
      'injection-gained',
      'an unlabelled namespace is injected',
      { ...CANARY, after: { ...moved, answers: { ...moved.answers, 'Namespace outside': answer(NEW) } } },
    ],
    [
      'originals-lost',
      'moved without a memory',
      {
        ...CANARY,
        said: undefined,
        after: { ...moved, namespaces: { first: { labels: { 'istio.io/rev': NEW }, annotations: {} } } },
      },
    ],
    [
      'lock-ignored',
      'another run holds the lock',
      { ...CANARY, held: true, requests: [write('PATCH', '/api/v1/namespaces/first')] },
    ],
    [
      'gateway-lost',
      'a gateway of istioctl went along',
      { ...PROMOTE, before: { ...PROMOTE.before, snapshot: ingress(OLD) } },
    ],
    [
      'gateway-goal',
      'promote left one behind',
      {
        ...PROMOTE,
        before: { ...PROMOTE.before, snapshot: ingress(OLD) },
        after: { ...PROMOTE.after, snapshot: ingress(OLD) },
      },
    ],
    [
      'gateway-goal',
      'canary took one along',
      {
        ...CANARY,
        before: { ...CANARY.before, snapshot: ingress(OLD) },
        after: { ...moved, snapshot: ingress(NEW) },
      },
    ],
    [
      'gateway-goal',
      'canary was to take one along, and did not',
      {
        ...CANARY,
        act: { run: 'canary', inputs: { ...CANARY.act.inputs, gateways: 'with-install' } },
        before: { ...CANARY.before, snapshot: ingress(OLD) },
        after: { ...moved, snapshot: ingress(OLD) },
      },
    ],
    [
      'gateway-goal',
      'canary moved what istiod makes for a Gateway',
      {
        ...CANARY,
        before: seen(OLD, { pods: [pod(OLD), WEB_GATEWAY(OLD)] }),
        after: { ...moved, pods: [pod(NEW), WEB_GATEWAY(NEW)] },
      },
    ],
    [
      'gateway-unserved',
      'a gateway was without a ready pod for a moment',
      { ...PROMOTE, moments: { unserved: ['Deployment edge/ingress'], newer: [] } },
    ],
    [
      'cni-goal',
      'canary changed what it was to leave',
      {
        ...CANARY,
        before: { ...CANARY.before, snapshot: agent(OLD) },
        after: { ...moved, snapshot: agent(NEW) },
      },
    ],
    [
      'cni-goal',
      'promote changed it',
      {
        ...PROMOTE,
        before: { ...PROMOTE.before, snapshot: agent(OLD) },
        after: { ...PROMOTE.after, snapshot: agent(NEW) },
      },
    ],
    ['gateway-lost', 'Istio CNI went', { ...PROMOTE, before: { ...PROMOTE.before, snapshot: agent(OLD) } }],
    [
      'adopted-goal',
      'a namespace does not follow the tag',
      {
        ...PROMOTE,
        act: { run: 'promote', inputs: { 'stable-tags': 'prod', 'adopt-tags': 'true' } },
      },
    ],
    [
      'promote-goal',
      'nothing was to do, it says, and something was',
      {
        ...PROMOTE,
        said: says('no-changes', { state: 'promoted' }),
        after: { ...PROMOTE.after, pods: [pod(OLD)] },
      },
    ],
    [
      'removed-in-use',
      'somebody is on it',
      {
        ...PROMOTE,
        before: moved,
        after: { ...moved, planes: [plane(NEW)], pods: [pod(OLD)] },
        requests: [write('DELETE', '/apis/apps/v1/namespaces/istio-system/deployments/istiod-1-30-3')],
      },
    ],
  ])('%s: %s', (rule, _, judged) => {
    expect(broken(judged)).toContain(rule);
  });

  test('do not blame a run for what others did, nor for what was unwell before', () => {
    const others = { namespaces: new Set(['first']), mesh: false, any: true };
    expect(
      judge({ ...CANARY, others, othersSinceBegin: others, after: { ...moved, pods: [pod(OLD)] } }),
    ).toEqual([]);
    const ill = { ...moved, pods: [pod(NEW, { ready: false })] };
    expect(judge({ ...CANARY, after: ill, unwell: new Set(['Deployment first/web']) })).toEqual([]);
  });

  test('do not ask for the injection of a namespace whose label says no', () => {
    const taken = { 'Namespace first': NONE };
    const labels = { 'istio.io/rev': OLD, 'istio-injection': 'disabled' };
    const after = seen(OLD, { answers: taken, namespaces: { first: { labels, annotations: {} } } });
    const others = { ...NOBODY, namespaces: new Set(['first']), any: true };
    const judged: Case = { ...CANARY, sawOthers: true, others, othersSinceBegin: others, after };
    expect(judge(judged).filter(({ rule }) => rule === 'injection-lost-in-green')).toEqual([]);
  });

  test('do not blame a run for writing to a namespace that somebody brought into the mesh meanwhile', () => {
    const newborn = '/apis/apps/v1/namespaces/newborn/deployments/newcomer';
    const after = { ...moved, answers: { ...moved.answers, 'Namespace newborn': answer(NEW) } };
    const judged = { ...CANARY, after, requests: [write('PATCH', newborn)] };
    expect(broken(judged)).toContain('outside-scope-written');
    const others = { namespaces: new Set(['newborn']), mesh: false, any: true };
    expect(broken({ ...judged, others, othersSinceBegin: others })).not.toContain('outside-scope-written');
  });

  test('let a Gateway of a canary namespace stay where it is', () => {
    const here = { pods: [pod(OLD), WEB_GATEWAY(OLD)] };
    const answers = { ...moved.answers, 'Deployment first/web-istio': answer(OLD) };
    const after = { ...moved, answers, pods: [pod(NEW), WEB_GATEWAY(OLD)] };
    expect(judge({ ...CANARY, begin: seen(OLD, here), before: seen(OLD, here), after })).toEqual([]);
  });

  test('do not mind the order of a map', () => {
    const turned = { 'Service first/web': { metadata: { labels: { b: '2', a: '1' }, name: 'web' } } };
    expect(judge({ ...ROLLBACK, after: seen(OLD, { snapshot: turned }) })).toEqual([]);
  });
});

test('versions are compared by number', () => {
  expect([isBelow('1.9.0', '1.10.0'), isBelow('1.31.0', '1.30.3'), isBelow('1.30.3', '1.30.3')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('namespaces are selected by name and by label', () => {
  expect(selected('first, x\nistio.io/rev=1-30-3', seen(OLD))).toEqual(new Set(['first', 'x']));
});
