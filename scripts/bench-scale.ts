import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { inside, launcher } from '../test/support/testbed.ts';
import { leastAndMedian } from './bench-start.ts';
import { type RunRequest, type RunResult, runAction } from './run-action.ts';

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
  /** So many there are. */
  readonly namespaces: number;
  /** Whether promote of all the rest is measured, which takes as long as restarting every pod of it twice. */
  readonly promotes: boolean;
}

/** What was measured on one mesh. */
export interface Measurement {
  readonly figures: readonly Figure[];
  /** From cancelling a run that restarts workloads until it has ended, its report written; in seconds. */
  readonly cancelled: number;
}

/** One figure: what the Action and what a user would run instead took, each time. */
export interface Figure {
  readonly what: string;
  readonly byHand: string;
  readonly own: readonly Taken[];
  readonly hand: readonly Taken[];
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

/** What something took, in seconds. */
interface Taken {
  readonly seconds: number;
  /** Of all processors of the machine, with what the cluster did for it. */
  readonly cpu: number;
}

function sumOf(all: readonly Taken[]): Taken {
  return all.reduce((sum, { seconds, cpu }) => ({ seconds: sum.seconds + seconds, cpu: sum.cpu + cpu }), {
    seconds: 0,
    cpu: 0,
  });
}

function leastOf(all: readonly Taken[], part: keyof Taken = 'seconds'): number {
  return Math.min(...all.map((taken) => taken[part]));
}

async function timed(work: () => Promise<unknown>): Promise<Taken> {
  const [from, busy] = [performance.now(), busySeconds()];
  await work();
  return { seconds: (performance.now() - from) / 1000, cpu: busySeconds() - busy };
}

/** Of all processors since the machine was started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
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
  watched: Pick<RunRequest, 'onLine' | 'onEnd' | 'signal'> = {},
  outcome?: string,
): Promise<{
  readonly used: Used;
  readonly step: (id: string) => number;
  readonly report: RunResult['report'];
}> {
  const { exitCode, outputs, summary, stdout, report } = await runAction({
    ...watched,
    inputs: {
      kubeconfig: readFileSync(join(scale.dir, 'admin.kubeconfig'), 'utf8'),
      'istioctl-base-url': scale.mirror,
      ...(inputs.phase === 'precheck' || inputs.phase === 'canary' ? { version: scale.version } : {}),
      ...inputs,
    },
    env: { RUNNER_TOOL_CACHE: join(scale.dir, 'tool-cache') },
    launcher: launcher(scale.name),
    dist: scale.dist,
  });
  if (exitCode !== 0 && outputs.outcome !== outcome)
    throw new Error(`${inputs.phase ?? ''} ended as ${outputs.outcome ?? 'unknown'}:\n${summary}`);
  const step = (id: string): number => (report?.steps.find((item) => item.id === id)?.durationMs ?? 0) / 1000;
  return { used: usedOf(stdout), step, report };
}

/**
 * Measures in turns, first the Action and then what is done by hand: the slowest of its commands, and where there are
 * more than one, all of them one after the other.
 */
async function inTurns(
  what: string,
  rounds: number,
  own: () => Promise<Used>,
  commands: Readonly<Record<string, string>>,
  name: string,
): Promise<Figure[]> {
  const taken: Taken[] = [];
  const hand: Record<string, Taken>[] = [];
  let used: Used | undefined;
  for (let round = 0; round < rounds; round++) {
    taken.push(await timed(async () => (used = await own())));
    const turn: Record<string, Taken> = {};
    for (const [command, script] of Object.entries(commands))
      turn[command] = await timed(() => byHand(name, script));
    hand.push(turn);
  }
  const measured = Object.keys(commands).map((byHand) => ({
    byHand,
    hand: hand.flatMap((turn) => turn[byHand] ?? []),
  }));
  const [slowest] = measured.toSorted((a, b) => leastOf(b.hand) - leastOf(a.hand));
  if (slowest === undefined || used === undefined) throw new Error('nothing was measured');
  const figure = { what, own: taken, used };
  const together = {
    byHand: `${measured.map(({ byHand }) => byHand).join(', ')}, one after the other`,
    hand: hand.map((turn) => sumOf(Object.values(turn))),
  };
  return [{ ...figure, ...slowest }, ...(measured.length > 1 ? [{ ...figure, ...together }] : [])];
}

const LIST = 'kubectl get --raw /api/v1/pods > /dev/null';

/** `rollout restart` of all Deployments of namespaces, 20 at a time, each until it is ready. */
function restartOf(namespaces: readonly string[]): string {
  return `for ns in ${namespaces.join(' ')}; do kubectl get deployment -n $ns -o name | sed "s|^|$ns |"; done |
    xargs -P 20 -L 1 sh -c 'kubectl rollout restart -n $0 $1 > /dev/null && kubectl rollout status -n $0 $1 > /dev/null'`;
}

/** A phase that restarts workloads against their restart by hand, and what else a user has to run for it. */
async function restarting(
  what: string,
  scale: Scale,
  inputs: Readonly<Record<string, string>>,
  { namespaces, besides }: { readonly namespaces: readonly string[]; readonly besides?: Taken },
): Promise<Figure[]> {
  let own: Awaited<ReturnType<typeof act>> | undefined;
  const whole = await timed(async () => (own = await act(scale, inputs)));
  if (own === undefined) throw new Error('nothing was measured');
  const hand = await timed(() => byHand(scale.name, restartOf(namespaces)));
  const { used, step } = own;
  const restart = 'rollout restart, 20 at a time';
  return [
    {
      what: `${what}, the whole run`,
      byHand: besides === undefined ? restart : `istioctl install, then ${restart}`,
      own: [whole],
      hand: [sumOf([hand, ...(besides === undefined ? [] : [besides])])],
      used,
    },
    {
      what: `${what}, its restarts alone`,
      byHand: restart,
      own: [{ seconds: step('restart-workloads'), cpu: Number.NaN }],
      hand: [hand],
      used,
    },
  ];
}

/** Cancels a rollback in the middle of its restarts, as the runner does, and waits until it has ended. */
async function cancelling(scale: Scale): Promise<number> {
  const cancel = new AbortController();
  let [from, to] = [Number.NaN, Number.NaN];
  const ended = await act(
    scale,
    { phase: 'rollback' },
    {
      signal: cancel.signal,
      // What `post` takes comes after the run, and takes as long as Node needs to start.
      onEnd: () => {
        to = performance.now();
      },
      onLine: (line) => {
        // The first line after that of the step that lists what it will do: workloads are restarted by then.
        if (!line.includes('waiting for rollouts') || cancel.signal.aborted) return;
        from = performance.now();
        cancel.abort();
      },
    },
    'cancelled',
  );
  if (ended.report?.outcome !== 'cancelled') throw new Error('the rollback ended before it was cancelled');
  return (to - from) / 1000;
}

/** Measures each phase against what a user would run instead, and how soon a cancelled run has ended. */
export async function measureScale(scale: Scale): Promise<Measurement> {
  const { name, rounds, version } = scale;
  const namespaces = Array.from(
    { length: scale.namespaces },
    (_, index) => `load-${String(index).padStart(3, '0')}`,
  );
  const first = namespaces.slice(0, scale.canary);
  const canary = { phase: 'canary', 'canary-namespaces': first.join() };
  const again = async (): Promise<Used> => (await act(scale, canary)).used;
  const figures = await inTurns(
    'precheck',
    rounds,
    async () => (await act(scale, { ...canary, phase: 'precheck' })).used,
    {
      'istioctl x precheck': `istioctl-${version} x precheck > /dev/null`,
      'istioctl proxy-status': `istioctl-${version} proxy-status > /dev/null`,
      'one list of all pods': LIST,
    },
    name,
  );
  const install = await timed(() =>
    byHand(name, `istioctl-${version} install --set profile=minimal --revision by-hand -y > /dev/null`),
  );
  await byHand(name, `istioctl-${version} uninstall --revision by-hand -y > /dev/null`);
  figures.push(...(await restarting('canary', scale, canary, { namespaces: first, besides: install })));
  figures.push(
    ...(await inTurns(
      'canary again, with nothing to do',
      rounds,
      again,
      { 'one list of all pods': LIST },
      name,
    )),
  );
  if (scale.promotes) {
    const rest = namespaces.slice(scale.canary);
    figures.push(...(await restarting('promote', scale, { phase: 'promote' }, { namespaces: rest })));
  }
  return { figures, cancelled: await cancelling(scale) };
}

/** The page `docs/performance.md`, from what was measured. */
export function performancePage(
  all: readonly (Measurement & { readonly pods: number; readonly workloads: number })[],
  date: string,
): string {
  const seconds = (taken: readonly Taken[]): string => {
    const { least, median } = leastAndMedian(taken.map((one) => one.seconds));
    return taken.length === 1 ? least.toFixed(1) : `${least.toFixed(1)} (${median.toFixed(1)})`;
  };
  const busy = (taken: readonly Taken[]): string => {
    const least = leastOf(taken, 'cpu');
    return Number.isNaN(least) ? '' : least.toFixed(1);
  };
  const tables = all.map(({ pods, workloads, figures, cancelled }) => {
    const rows = figures.map(({ what, byHand, own, hand, used }) => {
      const ratio = leastOf(own) / leastOf(hand);
      const { requests, objects, megabytes, peak } = used;
      const times = [what, seconds(own), busy(own), byHand, seconds(hand), busy(hand), ratio.toFixed(2)];
      return `| ${[...times, requests, objects, megabytes.toFixed(1), peak].join(' | ')} |`;
    });
    return [
      `## ${String(pods)} pods, ${String(workloads)} workloads`,
      '',
      '<!-- prettier-ignore -->',
      '| the Action | s | CPU s | by hand | s | CPU s | ratio | requests | objects | MB | peak MB |',
      '| --- | --: | --: | --- | --: | --: | --: | --: | --: | --: | --: |',
      ...rows,
      '',
      `Cancelled while it restarted workloads, a rollback had ended ${cancelled.toFixed(1)} s later, with its report written and its lock given back.`,
    ].join('\n');
  });
  const [cpu] = cpus();
  return `# Performance

Measured by \`npm run bench -- --scale\` on ${date}, on ${String(cpus().length)} cores (${cpu?.model.trim() ?? 'of an unknown kind'}) with ${(totalmem() / 2 ** 30).toFixed(0)} GB, on which the cluster, its istiods and proxies run, too. Seconds are of that machine and of what else it did: compare the ratios. Both sides were measured in turns. Where a figure has brackets, it is the least of several, and the median is in them; the ratio is of the least.

By hand is what a user would run instead; for canary its install is counted once, by hand of another revision; for precheck the slowest of the commands that it needs, and all of them one after the other. CPU s is how long processors were busy meanwhile, all of them together, with what API server and istiods did for it: a machine of two has two such seconds a second. Requests, listed objects, megabytes (unzipped) and the peak of memory are those of the Action's own process, without istioctl's.

Not measured here: a whole rollback, and the removal of the old control plane (\`npm run bench\` without \`--scale\` measures them against a script, and writes no page).

${tables.join('\n\n')}
`;
}
