import type { Scenario } from '../scenario.ts';
import { dryRuns } from './dry-run.ts';
import { faults } from './faults.ts';
import { lostRecord } from './lost-record.ts';
import { order } from './order.ts';
import { refusals } from './refusals.ts';
import { rollback } from './rollback.ts';
import { selection } from './selection.ts';
import { upgrade } from './upgrade.ts';

/** The suite. Those that leave the cluster changed come last, so that the others can share one. */
export const SCENARIOS: readonly Scenario[] = [
  ...refusals,
  ...dryRuns,
  ...selection,
  ...order,
  ...rollback,
  ...faults,
  ...lostRecord,
  ...upgrade,
];
