import { describe, expect, test } from '@jest/globals';
import { stragglers } from '../../../src/checks/stragglers.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, pod, workload } from '../../support/mesh.ts';

const injectedBy = [OLD.revision];
const spec: MeshSpec = {
  planes: [],
  namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio.io/rev': OLD.revision } },
  workloads: [workload('a/w', { injectedBy })],
  pods: [pod('a/w-1', OLD.revision)],
};
const upgrade = { attempt: 'x', from: OLD, to: NEW, scope: { namespaces: ['a'], tags: [] }, tags: {} };

function found(
  changes: Partial<MeshSpec>,
  phase: 'precheck' | 'canary' | 'promote' = 'canary',
  before = NOTHING_BEFORE,
) {
  return stragglers(checkView({ ...spec, ...changes }, { phase, upgrade, before }));
}
const said = (list: ReturnType<typeof found>): string[] =>
  list.map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`);

describe('M23, M24: what a restart does not move is settled before anything is touched', () => {
  test('what is as usual is not told', () => {
    expect(found({})).toEqual([]);
  });

  test.each([
    ['OnDelete', { onDelete: true }],
    ['a paused rollout', { paused: true }],
    ['a partition', { partition: 1 }],
  ])('%s: an error where the phase would move it, with how to accept it', (_, changes) => {
    const stuck = { workloads: [workload('a/w', { injectedBy, ...changes })] };
    expect(said(found(stuck))).toEqual(['error workload-will-not-move Deployment a/w']);
    expect(found(stuck)[0]?.remedy).toContain('allow-stragglers: a/w');
  });

  test('one that stayed behind by leave in a namespace that has moved still needs that leave', () => {
    const partition = workload('a/w', { injectedBy: [NEW.revision], partition: 1 });
    expect(said(found({ workloads: [partition] }, 'promote'))).toEqual([
      'error workload-will-not-move Deployment a/w',
    ]);
    expect(found({ workloads: [partition], pods: [pod('a/w-1', NEW.revision)] }, 'promote')).toEqual([]);
  });

  test('in place what somebody has moved by hand is not told, and one pod that is behind is', () => {
    const R = 'default';
    const inPlace = { from: { revision: R, version: '1.30.3' }, to: { revision: R, version: '1.31.0' } };
    const seen = (...versions: string[]) =>
      said(
        stragglers(
          checkView(
            {
              planes: [],
              namespaces: { a: { 'istio.io/rev': R } },
              workloads: [workload('a/w', { injectedBy: [R], onDelete: true })],
              pods: versions.map((version, index) => pod(`a/w-${String(index)}`, R, { version })),
            },
            { phase: 'promote', upgrade: { ...upgrade, ...inPlace } },
          ),
        ),
      );
    expect(seen('1.31.0', '1.31.0')).toEqual([]);
    expect(seen('1.31.0', '1.30.3')).toEqual(['error workload-will-not-move Deployment a/w']);
  });

  test.each<[string, Partial<MeshSpec>, string]>([
    ['a bare pod', { pods: [pod('a/p', OLD.revision, { owner: undefined })] }, 'allow-stragglers: a/p'],
    [
      "a Job's pod",
      { pods: [pod('a/p', OLD.revision, { owner: { kind: 'Job', name: 'job' } })] },
      'allow-stragglers: a/job',
    ],
    [
      "a CronJob's pod",
      { pods: [pod('a/p', OLD.revision, { owner: { kind: 'Job', name: 'tick-29417760' } })] },
      'allow-stragglers: a/tick',
    ],
    [
      "a Rollout's pod",
      { pods: [pod('a/p', OLD.revision, { owner: { kind: 'ReplicaSet', name: 'ro-1' } })] },
      'allow-stragglers: a/ro-1',
    ],
  ])('%s: the same', (_, changes, remedy) => {
    expect(said(found(changes))).toEqual(['error pod-will-not-move Pod a/p']);
    expect(found(changes)[0]?.remedy).toContain(remedy);
  });

  test('a workload that nothing injects any more: a restart would take its sidecar away', () => {
    const bare = { injectedBy: [] };
    const forsaken = {
      workloads: [],
      pods: [pod('a/w-1', OLD.revision, bare), pod('a/w-2', OLD.revision, bare)],
    };
    expect(said(found(forsaken))).toEqual(['error restart-loses-sidecar Namespace a']);
    expect(found(forsaken)[0]?.remedy).toContain('allow-stragglers: a/w');
    // Its twin is injected, and moves.
    expect(found({ pods: forsaken.pods })).toEqual([]);
  });

  test('a workload that is gone, and one that has its proxy by hand: their pods stay', () => {
    const orphaned = { workloads: [], pods: [pod('a/w-1', OLD.revision)] };
    expect(said(found(orphaned))).toEqual(['error pod-will-not-move Pod a/w-1']);
    expect(found(orphaned)[0]?.message).toContain('it is not there');
    const byHand = [{ kind: 'Deployment', namespace: 'a', name: 'w', service: 'istiod-1-30-3' }];
    const written = found({ workloads: [], pods: [pod('a/w-1', OLD.revision, { injectedBy: [] })], byHand });
    expect(said(written)).toEqual(['error pod-will-not-move Pod a/w-1']);
    expect(written[0]?.message).toContain('kube-inject');
  });

  test('where the default is missing that is the one cause, and its remedy the one that helps', () => {
    const followers: Partial<MeshSpec> = {
      namespaces: { a: { 'istio-injection': 'enabled' } },
      workloads: [],
      pods: [pod('a/w-1', OLD.revision, { injectedBy: [] })],
    };
    expect(said(found(followers))).toEqual([]);
    expect(said(found({ ...followers, namespaces: { a: {} } }))).toEqual([
      'error restart-loses-sidecar Namespace a',
    ]);
  });

  test('outside of the canary it is told, and holds up promote', () => {
    const elsewhere = {
      workloads: [workload('b/w', { injectedBy, onDelete: true })],
      pods: [pod('b/p', OLD.revision, { owner: undefined })],
    };
    const ids = ['workload-will-not-move Deployment b/w', 'pod-will-not-move Pod b/p'];
    expect(said(found(elsewhere))).toEqual(ids.map((text) => `warning ${text}`));
    for (const phase of ['promote', 'precheck'] as const) {
      expect(said(found(elsewhere, phase))).toEqual(ids.map((text) => `error ${text}`));
    }
  });

  test('what was accepted, and what has moved already, is not told', () => {
    expect(
      found({
        workloads: [workload('a/w', { injectedBy, onDelete: true, accepted: true })],
        pods: [pod('a/p', OLD.revision, { owner: undefined, accepted: true })],
      }),
    ).toEqual([]);
    expect(
      found({
        workloads: [workload('a/w', { injectedBy: [NEW.revision], onDelete: true })],
        pods: [pod('a/p', NEW.revision, { owner: undefined })],
      }),
    ).toEqual([]);
  });
});

test('M24: a Rollout comes back on the old revision until its namespace has moved', () => {
  const remedy = (injector: string): string =>
    found({
      pods: [pod('a/p', OLD.revision, { owner: { kind: 'Rollout', name: 'ro' }, injectedBy: [injector] })],
    })[0]?.remedy ?? '';
  expect(remedy(OLD.revision)).toMatch(/^Until its namespace has moved.*allow-stragglers: a\/ro/);
  expect(remedy(NEW.revision)).toMatch(/^Replace or remove it, or accept/);
});

describe('M27: a pod without a sidecar', () => {
  const bare = { pods: [pod('a/w-1', undefined, { injectedBy }), pod('a/w-2', undefined, { injectedBy })] };

  test('gets one by a restart', () => {
    expect(said(found(bare))).toEqual([
      'warning pod-without-sidecar Pod a/w-1',
      'warning pod-without-sidecar Pod a/w-2',
    ]);
  });

  test('and none where its own labels alone ask for one', () => {
    const alone = { ...bare, workloads: [], namespaces: { a: {} } };
    expect(found(alone).every(({ remedy }) => remedy?.includes('a restart gives it none'))).toBe(true);
    const owned = { ...alone, workloads: [workload('a/w', { injectedBy })] };
    expect(found(owned).every(({ remedy }) => remedy?.includes('A restart gives it one'))).toBe(true);
  });

  test('or its injector leaves it alone, which is told once and promises nothing', () => {
    const list = found(bare, 'canary', { ...NOTHING_BEFORE, declined: new Set(['Deployment a/w']) });
    expect(said(list)).toEqual(['info injection-declined Deployment a/w']);
    expect(list[0]?.remedy).not.toContain('restart');
  });
});

test('many are named up to ten, and the rest is counted', () => {
  const pods = Array.from({ length: 25 }, (_, index) =>
    pod(`a/p${String(index)}`, OLD.revision, { owner: undefined }),
  );
  const list = found({ pods });
  expect(list).toHaveLength(11);
  expect(list[10]).toMatchObject({ id: 'pod-will-not-move', severity: 'error', message: 'and 15 more' });
});
