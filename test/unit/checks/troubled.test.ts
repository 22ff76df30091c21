import { expect, test } from '@jest/globals';
import { notReady } from '../../../src/checks/not-ready.ts';
import { troubled } from '../../../src/checks/troubled.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import type { Workload } from '../../../src/istio/mesh.ts';
import { checkView } from '../../support/check-view.ts';
import { OLD, workload } from '../../support/mesh.ts';

const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };

function found(changes: Partial<Workload>, known = ['Deployment a/w']) {
  const workloads = [workload('a/w', { injectedBy: [OLD.revision], rollout, ...changes })];
  return troubled(
    checkView({ planes: [], workloads }, { before: { ...NOTHING_BEFORE, troubled: new Set(known) } }),
  );
}

test('M21: what is broken already is told, and holds nothing up', () => {
  expect(found({})).toMatchObject([
    { id: 'workload-not-healthy-before', severity: 'warning', object: 'Deployment a/w' },
  ]);
  expect(found({})[0]?.message).toContain('no image');
});

test.each<[string, Partial<Workload>]>([
  ['mended', { rollout: { ...rollout, done: true } }],
  ['accepted', { accepted: true }],
  ["another mesh's", { injectedBy: ['blue'] }],
  ['injected by nobody', { injectedBy: [] }],
])('not one that is %s', (_, changes) => {
  expect(found(changes)).toEqual([]);
});

test('nor one that was not so before', () => {
  expect(found({}, [])).toEqual([]);
});

test('what this upgrade has restarted and is not well is told by precheck, which does not wait for it', () => {
  const workloads = [
    workload('a/w', { injectedBy: [OLD.revision], rollout }),
    workload('a/before', { injectedBy: [OLD.revision], rollout }),
    workload('a/well', { injectedBy: [OLD.revision] }),
    workload('a/leave', { injectedBy: [OLD.revision], rollout, accepted: true }),
    workload('a/other', { injectedBy: ['blue'], rollout }),
  ];
  const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/before']) };
  const at = (phase: 'precheck' | 'canary') =>
    notReady(checkView({ planes: [], workloads }, { before, phase }));
  expect(at('precheck')).toMatchObject([
    { id: 'workload-not-ready', severity: 'warning', object: 'Deployment a/w' },
  ]);
  expect(at('canary')).toEqual([]);
});
