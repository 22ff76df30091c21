import type { Pool } from './pool.ts';
import { type Played, play } from './play.ts';
import type { ClusterKind, Scenario } from './scenario.ts';

/** Plays a scenario on a cluster of the pool. */
export function runScenario(scenario: Scenario, pool: Pool): Promise<Played> {
  return pool.with(scenario.mesh, async (cluster) => {
    const played = await play(scenario, cluster, isProbedOn(scenario, cluster.kind));
    return { value: played, asItWas: played.problems.length === 0 && scenario.leaves === 'as-it-was' };
  });
}

/** Whether it is played on a cluster of that kind. */
export function playsOn({ testbed, played }: Scenario, kind: ClusterKind): boolean {
  const asked = process.env.SCENARIOS === 'all';
  if (played === 'if-asked' && !asked) return false;
  return kind === 'embedded' || testbed === undefined || (testbed === 'if-asked' && asked);
}

/** The embedded cluster can only show what it was taught: nobody asks there. */
function isProbedOn({ probed }: Scenario, kind: ClusterKind): boolean {
  const asked = process.env.SCENARIOS === 'all';
  return kind === 'testbed' && (probed === 'always' || (probed === 'if-asked' && asked));
}
