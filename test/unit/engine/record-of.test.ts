import { expect, test } from '@jest/globals';
import { recordOf } from '../../../src/engine/record-of.ts';
import { CHANGING } from '../../../src/phases/phases.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, plane, pod, view } from '../../support/mesh.ts';

const A = { revision: 'default', version: '1.30.3' };
const B = { revision: 'default', version: '1.31.0' };
const GIVEN = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const proved = { istioctl: {}, proof: { source: 'path', sha256: 'c'.repeat(64) } };

/** The record after a phase that was given another configuration than canary, and has lost something else. */
const recordAfter = (phase: 'canary' | 'promote' | 'rollback', attempt = 'first'): UpgradeRecord =>
  recordOf(
    CHANGING['in-place'][phase],
    view(
      { planes: [plane('default', '1.31.0')] },
      {
        record: record({ from: A, to: B, configuration: GIVEN, givenUp: ['meshConfig.a'] }),
        upgrade: { attempt, from: A, to: B, scope: { namespaces: ['a'], tags: [] }, tags: {} },
      },
    ),
    { from: proved, to: proved } as unknown as Parameters<typeof recordOf>[2],
    { run: 'run', configuration: OTHER, givenUp: phase === 'canary' ? ['meshConfig.a', 'meshConfig.b'] : [] },
  );

const after = (...of: Parameters<typeof recordAfter>): string | undefined => recordAfter(...of).configuration;

test('H52: the way back takes the configuration that canary was given, whatever promote was', () => {
  expect(after('canary')).toBe(OTHER);
  expect(after('promote')).toBe(GIVEN);
  expect(after('rollback')).toBe(GIVEN);
  // Of another attempt it says nothing.
  expect(after('promote', 'second')).toBe(OTHER);
});

test('in place canary’s own namespaces are remembered, for as long as it is canary that is under way', () => {
  expect([recordAfter('canary').canary, recordAfter('promote').canary]).toEqual([['a'], undefined]);
});

test('what was given up stays on record until the attempt is over', () => {
  expect(recordAfter('canary').givenUp).toEqual(['meshConfig.a', 'meshConfig.b']);
  expect(recordAfter('rollback').givenUp).toEqual(['meshConfig.a']);
  expect(recordAfter('promote', 'second').givenUp).toBeUndefined();
  // The way back of an upgrade that had ended is an attempt of its own (story 112001:693).
  expect(recordAfter('rollback', 'second').givenUp).toEqual(['meshConfig.a']);
});

test('when the mesh was promoted is forgotten by a promote that finds it otherwise', () => {
  const promotedAt = '2026-11-01T00:00:00.000Z';
  const kept = (revisionOfPod: string, changes: Partial<MeshSpec> = {}) => {
    const sides = {
      from: { revision: '1-30-3', version: '1.30.3' },
      to: { revision: '1-31-0', version: '1.31.0' },
    };
    return recordOf(
      CHANGING.revision.promote,
      view(
        {
          planes: [plane('1-30-3', '1.30.3'), plane('1-31-0', '1.31.0')],
          tags: { default: '1-31-0' },
          defaultValidator: '1-31-0',
          ...changes,
          pods: [pod('a/p-1', revisionOfPod), ...(changes.pods ?? [])],
        },
        {
          record: record({ ...sides, intent: 'promote', promotedAt }),
          upgrade: { attempt: 'first', ...sides, scope: { namespaces: [], tags: [] }, tags: {} },
        },
      ),
      { from: proved, to: proved } as unknown as Parameters<typeof recordOf>[2],
      { run: 'run' },
    ).promotedAt;
  };
  expect(kept('1-31-0')).toBe(promotedAt);
  expect(kept('1-30-3')).toBeUndefined();
  // Who makes a namespace takes nothing back: where these come every day the old control plane could never go.
  const made = (createdAt: string) => ({
    namespaces: { new: { 'istio.io/rev': '1-30-3' } },
    namespaceFacts: { new: { createdAt } },
    pods: [pod('new/p-1', '1-30-3')],
  });
  expect(kept('1-31-0', made('2026-11-02T00:00:00Z'))).toBe(promotedAt);
  expect(kept('1-31-0', made('2026-10-31T00:00:00Z'))).toBeUndefined();
  expect(kept('1-30-3', made('2026-11-02T00:00:00Z'))).toBeUndefined();
});
