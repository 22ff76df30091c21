import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { inside, launcher } from '../test/support/testbed.ts';
import { leastAndMedian } from './bench-start.ts';
import { runAction } from './run-action.ts';

/** The mesh that is measured on, and how. */
export interface Scale {
  readonly name: string;
  readonly dir: string;
  readonly mirror: string;
  readonly dist: string;
  readonly version: string;
  /** How often each is measured, in turns. */
  readonly rounds: number;
  /** So many namespaces of the load are canary's. */
  readonly canary: number;
}

/** One figure: how long the Action and what a user would run instead took, in seconds, each time. */
export interface Figure {
  readonly what: string;
  readonly byHand: string;
  readonly own: readonly number[];
  readonly hand: readonly number[];
  /** What the Action itself says that it used, the last time. */
  readonly used: Used;
}

/** Of the Action's own process; istioctl's requests and memory are not in it. */
export interface Used {
  readonly requests: number;
  readonly objects: number;
  readonly megabytes: number;
  readonly peak: number;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

async function byHand(name: string, script: string): Promise<void> {
  const { code, stderr } = await inside(name, ['bash', '-c', `set -euo pipefail\n${script}`]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${stderr}`);
}

/** Its last debug line. */
function usedOf(stdout: string): Used {
  const [, requests = '', objects = '', megabytes = '', peak = ''] =
    /used: (\d+) requests, (\d+) objects listed, ([\d.]+) MB of answers, at most (\d+) MB/.exec(stdout) ?? [];
  return {
    requests: Number(requests),
    objects: Number(objects),
    megabytes: Number(megabytes),
    peak: Number(peak),
  };
}

async function act(
  scale: Scale,
  inputs: Readonly<Record<string, string>>,
): Promise<{ readonly used: Used; readonly step: (id: string) => number }> {
  const { exitCode, outputs, summary, stdout, report } = await runAction({
    inputs: {
      kubeconfig: readFileSync(join(scale.dir, 'admin.kubeconfig'), 'utf8'),
      'istioctl-base-url': scale.mirror,
      version: scale.version,
      ...inputs,
    },
    env: { RUNNER_TOOL_CACHE: join(scale.dir, 'tool-cache') },
    launcher: launcher(scale.name),
    dist: scale.dist,
  });
  if (exitCode !== 0)
    throw new Error(`${inputs.phase ?? ''} ended as ${outputs.outcome ?? 'unknown'}:\n${summary}`);
  const step = (id: string): number => (report?.steps.find((item) => item.id === id)?.durationMs ?? 0) / 1000;
  return { used: usedOf(stdout), step };
}

/** Measures in turns, first the Action and then what is done by hand, which is the slowest of its commands. */
async function inTurns(
  what: string,
  rounds: number,
  own: () => Promise<Used>,
  commands: Readonly<Record<string, string>>,
  name: string,
): Promise<Figure> {
  const taken: number[] = [];
  const hand = new Map<string, number[]>(Object.keys(commands).map((command) => [command, []]));
  let used: Used | undefined;
  for (let round = 0; round < rounds; round++) {
    taken.push(await timed(async () => (used = await own())));
    for (const [command, script] of Object.entries(commands))
      hand.get(command)?.push(await timed(() => byHand(name, script)));
  }
  const [slowest] = [...hand].sort(([, a], [, b]) => Math.min(...b) - Math.min(...a));
  if (slowest === undefined || used === undefined) throw new Error('nothing was measured');
  return { what, byHand: slowest[0], own: taken, hand: slowest[1], used };
}

const LIST = 'kubectl get --raw /api/v1/pods > /dev/null';

/** Measures precheck, canary, and a canary that finds nothing to do, each against what a user would run instead. */
export async function measureScale(scale: Scale): Promise<Figure[]> {
  const { name, rounds, version } = scale;
  const namespaces = Array.from(
    { length: scale.canary },
    (_, index) => `load-${String(index).padStart(3, '0')}`,
  );
  const canary = { phase: 'canary', 'canary-namespaces': namespaces.join() };
  const figures = [
    await inTurns(
      'precheck',
      rounds,
      async () => (await act(scale, { ...canary, phase: 'precheck' })).used,
      {
        'istioctl x precheck': `istioctl-${version} x precheck > /dev/null`,
        'istioctl proxy-status': `istioctl-${version} proxy-status > /dev/null`,
        'one list of all pods': LIST,
      },
      name,
    ),
  ];
  const all = namespaces.join(' ');
  const restart = `for ns in ${all}; do kubectl get deployment -n $ns -o name | sed "s|^|$ns |"; done |
    xargs -P 20 -L 1 sh -c 'kubectl rollout restart -n $0 $1 > /dev/null && kubectl rollout status -n $0 $1 > /dev/null'`;
  let steps = 0;
  const seconds = await timed(async () => {
    const { used, step } = await act(scale, canary);
    steps = step('restart-workloads');
    figures.push({ what: 'canary', byHand: '', own: [], hand: [], used });
  });
  const hand = await timed(() => byHand(name, restart));
  const { used } = figures.pop() ?? figures[0] ?? { used: usedOf('') };
  figures.push(
    {
      what: 'canary, the whole run',
      byHand: 'rollout restart, 20 at a time',
      own: [seconds],
      hand: [hand],
      used,
    },
    {
      what: 'canary, its restarts alone',
      byHand: 'rollout restart, 20 at a time',
      own: [steps],
      hand: [hand],
      used,
    },
    await inTurns(
      'canary again, with nothing to do',
      rounds,
      async () => (await act(scale, canary)).used,
      { 'one list of all pods': LIST },
      name,
    ),
  );
  return figures;
}

/** What the page says nothing of. */
function notMeasured(pods: number): string {
  const size = pods < 10_000 ? `a mesh of more than ${String(pods)} pods, ` : '';
  return `Not measured here: ${size}promote, rollback and the removal of the old control plane (\`npm run bench\` without \`--scale\` measures them against a script, and writes no page).`;
}

/** The page `docs/performance.md`, from what was measured. */
export function performancePage(
  all: readonly { readonly pods: number; readonly workloads: number; readonly figures: readonly Figure[] }[],
  date: string,
): string {
  const seconds = (taken: readonly number[]): string => {
    const { least, median } = leastAndMedian(taken);
    return taken.length === 1 ? least.toFixed(1) : `${least.toFixed(1)} (${median.toFixed(1)})`;
  };
  const tables = all.map(({ pods, workloads, figures }) => {
    const rows = figures.map(({ what, byHand, own, hand, used }) => {
      const ratio = Math.min(...own) / Math.min(...hand);
      const { requests, objects, megabytes, peak } = used;
      return `| ${[what, seconds(own), byHand, seconds(hand), ratio.toFixed(2), requests, objects, megabytes.toFixed(1), peak].join(' | ')} |`;
    });
    return [
      `## ${String(pods)} pods, ${String(workloads)} workloads`,
      '',
      '<!-- prettier-ignore -->',
      '| the Action | s | by hand | s | ratio | requests | objects | MB | peak MB |',
      '| --- | --: | --- | --: | --: | --: | --: | --: | --: |',
      ...rows,
    ].join('\n');
  });
  const [cpu] = cpus();
  return `# Performance

Measured by \`npm run bench -- --scale\` on ${date}, on ${String(cpus().length)} cores (${cpu?.model.trim() ?? 'of an unknown kind'}) with ${(totalmem() / 2 ** 30).toFixed(0)} GB, on which the cluster, its istiods and proxies run, too. Seconds are of that machine and of what else it did: compare the ratios. Both sides were measured in turns. Where a figure has brackets, it is the least of several, and the median is in them; the ratio is of the least.

By hand is what a user would run instead; for precheck the slowest of \`istioctl x precheck\`, \`istioctl proxy-status\` and one list of all pods. Requests, listed objects, megabytes (unzipped) and the peak of memory are those of the Action's own process, without istioctl's.

${notMeasured(Math.max(...all.map(({ pods }) => pods)))}

${tables.join('\n\n')}
`;
}
