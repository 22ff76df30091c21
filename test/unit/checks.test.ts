import { describe, expect, test } from '@jest/globals';
import { BEFORE_CANARY } from '../../src/checks/index.ts';
import { checkView } from '../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane, pod, shared, workload } from '../support/mesh.ts';

const healthy: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version)],
  tags: { default: OLD.revision },
  defaultValidator: OLD.revision,
  namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio-injection': 'enabled' }, c: {} },
  workloads: [workload('a/w', { injectedBy: [OLD.revision] })],
  pods: [pod('a/w-1', OLD.revision)],
};

function ids(change: Partial<MeshSpec>, { to = NEW, kubernetes = 'v1.33.2', tags = {} } = {}): string[] {
  const upgrade = { attempt: 'x', from: OLD, to, scope: { namespaces: ['a'], tags: [] }, tags };
  const view = checkView({ ...healthy, ...change }, { upgrade, kubernetes });
  return BEFORE_CANARY.flatMap((check) => check(view)).map(({ id }) => id);
}

const to1303 = { revision: '1-30-9', version: '1.30.9' };

describe('the catalogue of checks', () => {
  test('a healthy mesh gives no finding', () => {
    expect(ids({}, { to: to1303 })).toEqual([]);
  });

  test('a tag that leads to a control plane gives none (H14)', () => {
    expect(ids({ tags: { default: OLD.revision, prod: OLD.revision } }, { to: to1303 })).toEqual([]);
  });

  test('T06: a tag with the name of a revision is no tag', () => {
    expect(ids({}, { to: to1303, tags: { [OLD.revision]: to1303.revision } })).toEqual(['tag-is-a-revision']);
    expect(ids({}, { to: to1303, tags: { prod: to1303.revision } })).toEqual([]);
  });

  test.each<[string, string, Partial<MeshSpec>]>([
    ['T16: no default webhook', 'default-webhook-missing', { tags: {} }],
    ['H04: no default validator', 'default-validator-missing', { defaultValidator: undefined }],
    [
      'H57: Helm owns it',
      'mesh-owner-not-supported',
      { planes: [plane(OLD.revision, OLD.version, { owner: 'helm' })] },
    ],
    [
      'a third control plane',
      'other-revision-present',
      { planes: [...healthy.planes, plane('1-29-6', '1.29.6')] },
    ],
    [
      'the current control plane is not ready',
      'current-control-plane-not-ready',
      {
        planes: [
          plane(OLD.revision, OLD.version, {
            rollout: { done: false, desired: 1, updated: 0, available: 0, message: 'm' },
          }),
        ],
      },
    ],
    [
      'no Service',
      'current-control-plane-incomplete',
      { planes: [plane(OLD.revision, OLD.version, { service: false })] },
    ],
    ['H14: a tag that dangles', 'tag-dangles', { tags: { default: OLD.revision, prod: 'gone' } }],
    ['a gateway', 'gateways-not-yet-moved', { gateways: ['Deployment istio-system/gw'] }],
    ['ambient', 'ambient-not-yet-moved', { shared: [shared({ kind: 'ztunnel' })] }],
    ['H56: CNI that is too old', 'cni-skew', { shared: [shared({ version: '1.28.6' })] }],
    ['H56: CNI that is newer', 'cni-skew', { shared: [shared({ version: '1.32.0' })] }],
    ['CNI of unknown version', 'cni-version-untold', { shared: [shared({ version: undefined })] }],
    ['H54: CNI is told where it suits', 'cni-left-alone', { shared: [shared({})] }],
    [
      'a template that pins the revision',
      'template-pins-revision',
      { workloads: [workload('c/w', { injectedBy: [OLD.revision], pinnedRevision: OLD.revision })] },
    ],
    [
      'a CronJob whose template pins the revision: its next pod would be of the old one',
      'template-pins-revision',
      {
        makers: [
          {
            kind: 'CronJob',
            namespace: 'c',
            name: 'nightly',
            injectedBy: [OLD.revision],
            pinnedRevision: OLD.revision,
            accepted: false,
          },
        ],
      },
    ],
    [
      'a canary in which no pod has a proxy',
      'canary-shows-nothing',
      { workloads: [], pods: [pod('c/w-1', OLD.revision)] },
    ],
    [
      'T14: a label that nobody serves',
      'namespace-chooses-nothing',
      { namespaces: { a: { 'istio.io/rev': 'gone' } } },
    ],
    [
      'H15: both labels',
      'both-injection-labels',
      { namespaces: { a: { 'istio.io/rev': OLD.revision, 'istio-injection': 'enabled' } } },
    ],
    [
      'H29: OnDelete',
      'workload-will-not-move',
      { workloads: [workload('a/w', { injectedBy: [OLD.revision], onDelete: true })] },
    ],
    ['H31: a bare pod', 'pod-will-not-move', { pods: [pod('a/p', OLD.revision, { owner: undefined })] }],
    [
      'H32: an owner that is not known',
      'pod-will-not-move',
      { pods: [pod('a/p', OLD.revision, { owner: { kind: 'TaskRun', name: 't' } })] },
    ],
    [
      'H09: a pod without sidecar',
      'pod-without-sidecar',
      { pods: [pod('a/w-1', undefined, { injectedBy: [OLD.revision] })] },
    ],
  ])('%s', (_, id, change) => {
    expect(ids(change, { to: to1303 })).toContain(id);
  });

  test('H43: too many minors at once', () => {
    expect(ids({}, { to: { revision: '1-34-0', version: '1.34.0' } })).toContain('hop-too-far');
  });

  test('Kubernetes outside the range', () => {
    expect(ids({}, { to: to1303, kubernetes: 'v1.25.0' }).length).toBeGreaterThan(0);
  });
});
