import { type RunResult, runAction } from '../scripts/run-action.ts';
import { NotSo } from './claim.ts';
import type { DemoCluster } from './cluster.ts';
import { heading, narrator, say } from './narrate.ts';

/** One run of the Action, and what the demo makes of it. */
export interface PhaseRequest {
  /** In a few words, for the heading and for the page of summaries. */
  readonly title: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outcome: string;
}

/** A summary for the page at the end. */
export interface Summary {
  readonly title: string;
  readonly markdown: string;
}

/** What one run left, and how long it took. */
export interface PhaseResult {
  readonly run: RunResult;
  readonly seconds: number;
}

/** Runs a phase of the built Action on the cluster, as a job on GitHub would, and tells what it does. */
export async function runPhase(
  cluster: DemoCluster,
  { title, inputs, outcome }: PhaseRequest,
  summaries: Summary[],
): Promise<PhaseResult> {
  heading(title);
  const given = Object.entries(inputs).map(([name, value]) => `${name}: ${value}`);
  say(`  with ${given.join(' · ')}`);
  const startedAt = performance.now();
  const dist = process.env.ACTION_DIST;
  const run = await runAction({
    ...(dist === undefined ? {} : { dist }),
    ...cluster.run,
    inputs: { kubeconfig: cluster.kubeconfig, 'istioctl-base-url': cluster.mirror, ...inputs },
    onLine: narrator(),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  summaries.push({ title, markdown: run.summary });
  if (inputs.phase === 'precheck') {
    for (const step of run.report?.steps ?? []) say(`  ▸ ${step.title}\n      ${step.detail}`);
  }
  const is = run.outputs.outcome ?? 'nothing, it died';
  if (is !== outcome) {
    throw new NotSo(
      `the outcome of "${title}" should be ${outcome}, and it is ${is}.\n\n${run.summary}\n${run.stderr}`,
    );
  }
  say(
    `  ⇒ outcome ${is}, state ${run.outputs.state ?? ''}, exit code ${String(run.exitCode)}, ${seconds.toFixed(1)} s`,
  );
  return { run, seconds };
}
