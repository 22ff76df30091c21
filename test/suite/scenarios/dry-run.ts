import type { RunAct, Scenario } from '../scenario.ts';
import { TARGET, canaryOf, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);

/** Every phase tells in a dry run what it would do, and does nothing. */
const dryRun = (phase: RunAct['run'], then: Omit<RunAct['then'], 'outcome'>): RunAct => ({
  run: phase,
  inputs: { 'dry-run': 'true', ...(phase === 'canary' ? { 'canary-namespaces': 'storefront' } : {}) },
  then: { outcome: 'succeeded', asked: 'no-write', ...then },
});

export const dryRuns: readonly Scenario[] = [
  {
    id: 'dry-runs',
    shows: 'a dry run of each phase tells its changes and persists nothing',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      dryRun('precheck', { state: 'none', same: 'start' }),
      dryRun('canary', { state: 'none', same: 'start' }),
      CANARY,
      { keep: 'canary' },
      dryRun('promote', {
        state: 'canary',
        changes: { has: ['Namespace catalog', 'default tag'], lacks: ['uninstall', 'Namespace storefront'] },
        same: 'canary',
      }),
      dryRun('rollback', {
        state: 'canary',
        changes: {
          has: ['Namespace storefront', `uninstall revision ${TARGET}`],
          lacks: ['Namespace catalog'],
        },
        same: 'canary',
      }),
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
];
