import type { Probed } from './probe.ts';
import type { Results } from './results.ts';
import { CLUSTERS, type ClusterKind, type Scenario } from './scenario.ts';

/**
 * What the probes saw, in Markdown: a row for each scenario with one, on each cluster it was played on, its runs added up.
 * The fewest ready pods are those of the worst moment.
 */
export function probesTable(scenarios: readonly Scenario[], results: Results): string {
  const rows = scenarios.flatMap((scenario) =>
    CLUSTERS.flatMap((cluster) => {
      const runs = results.read(cluster, scenario)?.probed ?? [];
      return runs.length === 0 ? [] : [row(scenario, cluster, runs)];
    }),
  );
  return [
    '| Scenario | Runs | Rounds | Longest gap, ms | Pods | VirtualServices | Who is connected | Fewest ready | Cut off | Failed |',
    '| --- | --: | --: | --: | --: | --: | --: | --- | --: | --: |',
    ...rows,
  ].join('\n');
}

function row({ id }: Scenario, cluster: ClusterKind, runs: readonly Probed[]): string {
  const sum = (of: (run: Probed) => number): string =>
    String(runs.reduce((total, run) => total + of(run), 0));
  const components = [...new Set(runs.flatMap(({ fewestReady }) => Object.keys(fewestReady)))].sort();
  const fewest = components.map((name) => {
    const counts = runs.flatMap(({ fewestReady }) => fewestReady[name] ?? []);
    return `${name}: ${String(Math.min(...counts))}`;
  });
  const cells = [
    `${id}, ${cluster}`,
    String(runs.length),
    sum((run) => run.rounds),
    String(Math.max(...runs.map((run) => run.longestGapMs))),
    sum((run) => run.born),
    sum((run) => run.validated),
    sum((run) => run.statuses),
    fewest.join(', '),
    sum((run) => run.cutOff),
    sum((run) => run.failed),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The part of docs/reliability.md about them. */
export function probesPage(scenarios: readonly Scenario[], results: Results, build: string): string {
  return `<!-- prettier-ignore-start -->

## While the Action runs

While phases ran in these scenarios, build \`${build}\` of \`dist/\`, somebody else asked every 100 ms (the gap is the longest on a busy machine): would a pod that is born now be injected, in each namespace with proxies, and never again by a control plane that was left; is a right VirtualService taken and a wrong one denied; has istiod, and has each gateway, a ready pod. Cut off is a question in place that an istiod did not answer because it ended that moment, and that was answered in the next round; \`in-place-by-hand\` is istioctl alone, without this Action, to compare with. Every 2 s or so \`istioctl proxy-status\` of each control plane was asked whether each gateway has a ready pod that is connected. Written by \`SCENARIOS=all npm run scenarios -- testbed --record\`.

${probesTable(scenarios, results)}

<!-- prettier-ignore-end -->
`;
}
