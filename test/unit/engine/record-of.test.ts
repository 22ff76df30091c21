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

const HAD = { 'meshConfig.a': 'd'.repeat(16) };
const KNOWN: Partial<UpgradeRecord> = { configuration: GIVEN, givenUp: ['meshConfig.a'], had: HAD };

/** The record after a phase that installs another configuration than canary, and has lost something else. */
const recordAfter = (
  phase: 'canary' | 'promote' | 'rollback',
  attempt = 'first',
  before: Partial<UpgradeRecord> = KNOWN,
  installed: Parameters<typeof recordOf>[3] | undefined = {
    run: 'run',
    configuration: OTHER,
    givenUp: ['meshConfig.b'],
  },
): UpgradeRecord =>
  recordOf(
    CHANGING['in-place'][phase],
    view(
      { planes: [plane('default', '1.31.0')] },
      {
        record: record({ from: A, to: B, ...before }),
        upgrade: { attempt, from: A, to: B, scope: { namespaces: ['a'], tags: [] }, tags: {} },
      },
    ),
    { from: proved, to: proved } as unknown as Parameters<typeof recordOf>[2],
    installed,
  );

const after = (...of: Parameters<typeof recordAfter>): string | undefined => recordAfter(...of).configuration;

const ENDED = '2026-11-01T00:00:00.000Z';
const PROMOTED: Partial<UpgradeRecord> = { ...KNOWN, intent: 'promote', endedAt: ENDED };
const ROLLED_BACK: Partial<UpgradeRecord> = { ...KNOWN, intent: 'rollback', endedAt: ENDED };
const OTHER_SIDES: Partial<UpgradeRecord> = { ...KNOWN, from: { revision: 'default', version: '1.29.9' } };
/** Of a run that installs nothing. */
const NOTHING = { run: 'run' };

test('H52: the way back takes the configuration that canary has installed, whatever promote was given', () => {
  expect(after('canary')).toBe(OTHER);
  expect(after('promote')).toBe(GIVEN);
  expect(after('rollback')).toBe(GIVEN);
  // Where nothing tells what canary has installed.
  expect(after('rollback', 'second', {})).toBe(OTHER);
  expect(after('promote', 'second', OTHER_SIDES)).toBe(OTHER);
});

test.each(['canary', 'promote', 'rollback'] as const)(
  'H52: a %s that installs nothing leaves on record what was installed, also of an upgrade that had ended',
  (phase) => {
    expect(after(phase, 'first', KNOWN, NOTHING)).toBe(GIVEN);
    expect(after(phase, 'second', PROMOTED, NOTHING)).toBe(GIVEN);
    // What was not there is not made up.
    expect(after(phase, 'first', {}, NOTHING)).toBeUndefined();
    expect(after(phase, 'second', OTHER_SIDES, NOTHING)).toBeUndefined();
  },
);

test('what gateways were moved by stays on record until it is rolled back', () => {
  const before = { ...KNOWN, gateways: GIVEN };
  for (const phase of ['canary', 'promote', 'rollback'] as const)
    expect(recordAfter(phase, 'first', before, NOTHING).gateways).toBe(GIVEN);
  expect(recordAfter('promote', 'first', before, { ...NOTHING, gateways: OTHER }).gateways).toBe(OTHER);
  expect(
    recordAfter('canary', 'second', { ...ROLLED_BACK, gateways: GIVEN }, NOTHING).gateways,
  ).toBeUndefined();
});

test('what follows a rollback begins anew', () => {
  const { configuration, givenUp, had } = recordAfter('canary', 'second', ROLLED_BACK, NOTHING);
  expect([configuration, givenUp, had]).toEqual([undefined, undefined, undefined]);
  // Another rollback only goes on.
  expect(recordAfter('rollback', 'second', ROLLED_BACK, NOTHING)).toMatchObject({
    configuration: GIVEN,
    givenUp: ['meshConfig.a'],
    had: HAD,
  });
});

test('in place canary’s own namespaces are remembered, for as long as it is canary that is under way', () => {
  expect([recordAfter('canary').canary, recordAfter('promote').canary]).toEqual([['a'], undefined]);
});

test('what was given up stays on record until it is rolled back, whatever the attempt is named', () => {
  // The way back of an upgrade that had ended is an attempt of its own (story 112001:693), and so is another promote.
  for (const phase of ['canary', 'promote', 'rollback'] as const)
    expect(recordAfter(phase, 'second', PROMOTED, NOTHING)).toMatchObject({
      givenUp: ['meshConfig.a'],
      had: HAD,
    });
  // What installs has weighed what is on record.
  expect(recordAfter('canary').givenUp).toEqual(['meshConfig.b']);
  expect(recordAfter('rollback', 'first', KNOWN, { run: 'run', givenUp: [] }).givenUp).toBeUndefined();
  expect(recordAfter('rollback', 'second', OTHER_SIDES, NOTHING).givenUp).toBeUndefined();
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
