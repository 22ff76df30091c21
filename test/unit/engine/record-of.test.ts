import { expect, test } from '@jest/globals';
import { recordOf } from '../../../src/engine/record-of.ts';
import { CHANGING } from '../../../src/phases/phases.ts';
import { record } from '../../support/facts.ts';
import { plane, view } from '../../support/mesh.ts';

const A = { revision: 'default', version: '1.30.3' };
const B = { revision: 'default', version: '1.31.0' };
const GIVEN = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const proved = { istioctl: {}, proof: { source: 'path', sha256: 'c'.repeat(64) } };

/** The configuration that the record has after a phase that was given another one than canary. */
const after = (phase: 'canary' | 'promote' | 'rollback', attempt = 'first'): string | undefined =>
  recordOf(
    CHANGING['in-place'][phase],
    view(
      { planes: [plane('default', '1.31.0')] },
      {
        record: record({ from: A, to: B, configuration: GIVEN }),
        upgrade: { attempt, from: A, to: B, scope: { namespaces: [], tags: [] }, tags: {} },
      },
    ),
    { from: proved, to: proved } as unknown as Parameters<typeof recordOf>[2],
    { run: 'run', configuration: OTHER },
  ).configuration;

test('H52: the way back takes the configuration that canary was given, whatever promote was', () => {
  expect(after('canary')).toBe(OTHER);
  expect(after('promote')).toBe(GIVEN);
  expect(after('rollback')).toBe(GIVEN);
  // Of another attempt it says nothing.
  expect(after('promote', 'second')).toBe(OTHER);
});
