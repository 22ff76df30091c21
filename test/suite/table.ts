import type { Probed } from './probe.ts';
import type { Results } from './results.ts';
import { CLUSTERS, type Scenario } from './scenario.ts';

/**
 * What the probes saw: a line for each scenario with one, on each cluster it was played on, its runs added up. Fewest ready
 * pods are those of the worst moment.
 */
export function probesTable(scenarios: readonly Scenario[], results: Results): string {
  const lines = scenarios.flatMap((scenario) =>
    CLUSTERS.flatMap((cluster) => {
      const runs = results.read(cluster, scenario)?.probed ?? [];
      if (runs.length === 0) return [];
      const sum = (of: (run: Probed) => number): string =>
        String(runs.reduce((total, run) => total + of(run), 0));
      const fewest = [...new Set(runs.flatMap(({ fewestReady }) => Object.keys(fewestReady)))].map((name) => {
        const counts = runs.flatMap(({ fewestReady }) => fewestReady[name] ?? []);
        return `${name} ${String(Math.min(...counts))}`;
      });
      return [
        `${scenario.id}, ${cluster}: ${String(runs.length)} runs, ${sum((run) => run.rounds)} rounds, ` +
          `${sum((run) => run.born)} pods and ${sum((run) => run.validated)} VirtualServices rehearsed, ` +
          `${sum((run) => run.statuses)} times who is connected, ` +
          `longest gap ${String(Math.max(...runs.map((run) => run.longestGapMs)))} ms, ` +
          `fewest ready: ${fewest.join(', ')}; failed ${sum((run) => run.failed)}`,
      ];
    }),
  );
  return lines.join('\n');
}

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
