import type { Scenario } from '../scenario.ts';
import { addresses } from './addresses.ts';
import { again } from './again.ts';
import { along } from './along.ts';
import { before } from './before.ts';
import { configuration } from './configuration.ts';
import { direction } from './direction.ts';
import { discovery } from './discovery.ts';
import { dryRuns } from './dry-run.ts';
import { faults } from './faults.ts';
import { gatewayApi } from './gateway-api.ts';
import { gateways } from './gateways.ts';
import { inPlace } from './in-place.ts';
import { lostRecord } from './lost-record.ts';
import { neighbours } from './neighbours.ts';
import { networkPolicies } from './network-policies.ts';
import { order } from './order.ts';
import { refusals } from './refusals.ts';
import { remedies } from './remedies.ts';
import { removal } from './removal.ts';
import { rollback } from './rollback.ts';
import { rollouts } from './rollouts.ts';
import { selection } from './selection.ts';
import { tags } from './tags.ts';
import { templates } from './templates.ts';
import { upgradeOf } from './upgrade.ts';

/**
 * The suite in two parts that take equally long, so that two testbeds can play at once. In each, those of a mesh that leave
 * the cluster changed come last: the others share one.
 */
export const PARTS: readonly [readonly Scenario[], readonly Scenario[]] = [
  changedLast([
    ...refusals,
    ...direction,
    ...dryRuns,
    ...faults,
    ...lostRecord,
    ...rollouts,
    ...tags,
    ...gateways,
    ...along,
    ...networkPolicies,
    ...again,
    ...configuration,
    ...discovery,
    ...gatewayApi,
    ...upgradeOf('1-30-3'),
  ]),
  changedLast([
    ...selection,
    ...before,
    ...order,
    ...removal,
    ...addresses,
    ...rollback,
    ...templates,
    ...neighbours,
    ...remedies,
    ...inPlace,
    ...upgradeOf('default'),
  ]),
];

export const SCENARIOS: readonly Scenario[] = PARTS.flat();

function changedLast(scenarios: readonly Scenario[]): Scenario[] {
  const rank = ({ leaves }: Scenario): number => (leaves === 'changed' ? 1 : 0);
  return scenarios.toSorted((a, b) => rank(a) - rank(b));
}
