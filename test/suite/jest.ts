import { afterAll, describe, jest, test } from '@jest/globals';
import type { StartCluster } from './cluster.ts';
import { Pool } from './pool.ts';
import { Results } from './results.ts';
import { playsOn, runScenario } from './run-scenario.ts';
import type { ClusterKind, Scenario } from './scenario.ts';

/** A scenario has some phases, each some ten seconds on a busy machine, and the first one waits for its cluster. */
const SCENARIO_MS = 600_000;

/** The results of this run of the tests; undefined where nobody wants to compare them. */
export function results(): Results | undefined {
  const dir = process.env.SCENARIO_RESULTS;
  return dir === undefined ? undefined : new Results(dir);
}

/** A test for each scenario that is played on the cluster. */
export function testScenarios(
  kind: ClusterKind,
  scenarios: readonly Scenario[],
  { start, concurrent }: { readonly start: StartCluster; readonly concurrent: boolean },
): void {
  jest.setTimeout(SCENARIO_MS);
  describe(`scenarios on the ${kind === 'testbed' ? 'testbed' : 'embedded cluster'}`, () => {
    const pool = new Pool(start);
    afterAll(() => pool.close(), 60_000);
    for (const scenario of scenarios.filter((each) => playsOn(each, kind))) {
      const each = concurrent ? test.concurrent : test;
      each(`${scenario.id}: ${scenario.shows}`, async () => {
        const played = await runScenario(scenario, pool);
        results()?.write(kind, scenario, played);
        if (played.problems.length > 0) throw new Error(played.problems.join('\n'));
      });
    }
  });
}
