import type { Results } from './results.ts';
import { CLUSTERS, type Scenario } from './scenario.ts';

/** How long each scenario took on each cluster, in seconds; a dash where it was not played. */
export function timesTable(scenarios: readonly Scenario[], results: Results): string {
  const rows = scenarios.map((scenario) => ({
    id: scenario.id,
    seconds: CLUSTERS.map((cluster) => {
      const played = results.read(cluster, scenario);
      return played === undefined ? undefined : played.durationMs / 1000;
    }),
  }));
  const width = Math.max(...rows.map(({ id }) => id.length), 'scenario, seconds'.length);
  const line = (id: string, cells: readonly string[]): string =>
    `${id.padEnd(width)}  ${cells.map((cell) => cell.padStart(9)).join('  ')}`;
  const total = CLUSTERS.map((_, index) => rows.reduce((sum, { seconds }) => sum + (seconds[index] ?? 0), 0));
  return [
    line('scenario, seconds', CLUSTERS),
    ...rows.map(({ id, seconds }) =>
      line(
        id,
        seconds.map((value) => value?.toFixed(1) ?? '—'),
      ),
    ),
    line(
      'sum',
      total.map((value) => value.toFixed(1)),
    ),
  ].join('\n');
}
