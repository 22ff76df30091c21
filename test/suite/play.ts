import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../scripts/run-action.ts';
import { IGNORED_KINDS, type Snapshot, normalise } from '../support/normalise.ts';
import { readKubeconfig } from './api.ts';
import type { SuiteCluster } from './cluster.ts';
import { kubeconfigFor } from './credential.ts';
import { type Stage, happen } from './event.ts';
import { expand } from './expand.ts';
import { type Facts, seeFacts } from './facts.ts';
import { HeldLock } from './held-lock.ts';
import { judgeCluster } from './judge-cluster.ts';
import { judgeRun } from './judge-run.ts';
import { Objects } from './objects.ts';
import { Probe, type Probed } from './probe.ts';
import { type RunView, findingsOf, viewOf } from './run-view.ts';
import { type Act, type Event, type RunAct, type Scenario } from './scenario.ts';
import { NEW, RECORD } from './scenarios/shop.ts';
import { generationsOf, judgeSteady } from './steady.ts';

/** What came of one act, in a form that both clusters must agree on. */
export interface ActView {
  readonly act: string;
  readonly run?: RunView;
  readonly facts: Facts;
}

/** What came of a scenario on a cluster. */
export interface Played {
  readonly acts: readonly ActView[];
  /** What was not as it should be; the play ends at the first act that has some. */
  readonly problems: readonly string[];
  readonly durationMs: number;
  /** What was seen during its runs, one after the other, where it is probed. */
  readonly probed?: readonly Probed[];
}

/**
 * Plays a scenario on a cluster that is as it was made, or as the last one left it `as-it-was`.
 *
 * @param isProbed whether its runs are probed.
 */
export async function play(scenario: Scenario, cluster: SuiteCluster, isProbed: boolean): Promise<Played> {
  const startedAt = performance.now();
  const player = new Player(cluster, isProbed);
  try {
    const problems = await player.play(scenario);
    const { acts, probed } = player;
    const durationMs = performance.now() - startedAt;
    return { acts, problems, durationMs, ...(probed.length === 0 ? {} : { probed }) };
  } finally {
    player.end();
  }
}

class Player {
  readonly acts: ActView[] = [];
  readonly probed: Probed[] = [];
  readonly #isProbed: boolean;
  readonly #cluster: SuiteCluster;
  readonly #objects: Objects;
  readonly #kept = new Map<string, Snapshot>();
  readonly #stage: Stage;
  #last: RunResult | undefined;
  #attempt: string | undefined;

  constructor(cluster: SuiteCluster, isProbed: boolean) {
    this.#isProbed = isProbed;
    this.#cluster = cluster;
    this.#objects = new Objects(cluster.api);
    this.#stage = {
      cluster,
      objects: this.#objects,
      taken: new Map(),
      faults: new Map(),
      lock: new HeldLock(this.#objects),
      remedy: (wanted) =>
        this.#last === undefined ? undefined : findingsOf(this.#last).find(({ id }) => id === wanted)?.remedy,
    };
  }

  end(): void {
    this.#stage.lock.drop();
  }

  async play(scenario: Scenario): Promise<string[]> {
    this.#kept.set('start', await this.#snapshot());
    for (const act of scenario.acts.flatMap(expand)) {
      const problems = await this.#act(act).catch((error: unknown) => [
        error instanceof Error ? error.message : String(error),
      ]);
      if (problems.length > 0) return [`${String(this.acts.length + 1)}. ${titleOf(act)}:`, ...problems];
    }
    return scenario.leaves === 'as-it-was' ? this.#leave() : [];
  }

  async #act(act: Act): Promise<string[]> {
    if ('keep' in act) {
      this.#kept.set(act.keep, await this.#snapshot());
      return [];
    }
    if ('run' in act) return this.#run(act);
    await this.#happen(act.event);
    const facts = await seeFacts(this.#objects);
    const problems = await this.#judge(act.then ?? {}, facts);
    if (problems.length === 0) this.acts.push({ act: titleOf(act), facts });
    return problems;
  }

  /** What a probe sees of somebody's own istioctl is no fault of the Action: it is kept, to be compared with. */
  async #happen(event: Event): Promise<void> {
    const work = (): Promise<void> => happen(event, this.#stage);
    await ('istioctl' in event ? this.#whileProbed(true, work) : work());
  }

  /** Does something while somebody asks all the time, where the scenario is probed, and keeps what was seen. */
  async #whileProbed<T>(
    isInPlace: boolean,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly probed: Probed | undefined }> {
    const probe = this.#isProbed ? await this.#probe(isInPlace) : undefined;
    const value = await work().finally(() => probe?.stop());
    const probed = await probe?.stop();
    if (probed !== undefined) this.probed.push(probed);
    return { value, probed };
  }

  async #run(act: RunAct): Promise<string[]> {
    const mark = this.#cluster.requests.mark();
    const generations = await generationsOf(this.#objects, act.then.steady);
    const { value: run, probed } = await this.#whileProbed(act.inputs?.strategy === 'in-place', () =>
      runPhase(act, this.#cluster),
    );
    const requests = this.#cluster.requests.since(mark);
    const attemptBefore = this.#attempt;
    this.#attempt = run.report?.attempt ?? attemptBefore;
    this.#last = run;
    const facts = await seeFacts(this.#objects);
    const context = readKubeconfig(this.#cluster.kubeconfig('admin'))['current-context'];
    const problems = judgeRun(act.then, { run, requests, context, attemptBefore });
    // When the run ended otherwise, what the cluster looks like says no more.
    if (problems.length === 0) problems.push(...(await this.#judge(act.then, facts)));
    problems.push(...(await judgeSteady(this.#objects, generations)));
    if (probed !== undefined && probed.failed > 0)
      problems.push(`the probe failed ${String(probed.failed)} times during the run:`, ...probed.failures);
    if (problems.length === 0) this.acts.push({ act: titleOf(act), run: viewOf(run), facts });
    else problems.push('', 'The Action says:', run.summary, run.stderr);
    return problems;
  }

  /** Of namespaces that have proxies now: such are born there at any time. Gateways have theirs by their templates. */
  async #probe(isInPlace: boolean): Promise<Probe> {
    const { dataPlane } = await seeFacts(this.#objects);
    const namespaces = Object.keys(dataPlane).filter((name) => name !== 'istio-system');
    return new Probe(this.#cluster, this.#objects, namespaces, isInPlace);
  }

  #judge(then: Parameters<typeof judgeCluster>[0], facts: Facts): Promise<string[]> {
    return judgeCluster(then, {
      cluster: this.#cluster,
      objects: this.#objects,
      facts,
      snapshot: () => this.#snapshot(),
      kept: this.#kept,
    });
  }

  async #snapshot(): Promise<Snapshot> {
    return normalise(await this.#cluster.everything(Object.keys(IGNORED_KINDS)));
  }

  /** Takes away what the Action leaves as its memory, so that the next scenario begins at `none`. */
  async #leave(): Promise<string[]> {
    await this.#objects.remove(RECORD);
    await this.#objects.remove('Lease istio-system/istio-upgrade');
    const problems = await this.#judge({ same: 'start' }, await seeFacts(this.#objects));
    return problems.length === 0 ? [] : ['it leaves the cluster otherwise than it was:', ...problems];
  }
}

async function runPhase(act: RunAct, cluster: SuiteCluster): Promise<RunResult> {
  const cache = act.mirror === 'corrupt' ? mkdtempSync(join(tmpdir(), 'scenario-cache-')) : undefined;
  try {
    return await cluster.action({
      inputs: {
        phase: act.run,
        kubeconfig: kubeconfigFor(act.credential ?? 'admin', cluster),
        'istioctl-base-url': act.mirror === 'corrupt' ? `${cluster.mirror}/corrupt` : cluster.mirror,
        timeout: act.patience === 'short' ? cluster.timeouts.short : cluster.timeouts.long,
        ...(act.run === 'precheck' || act.run === 'canary' ? { version: NEW } : {}),
        ...act.inputs,
      },
      // One that is cached already would not be downloaded.
      ...(cache === undefined ? {} : { env: { RUNNER_TOOL_CACHE: cache } }),
    });
  } finally {
    if (cache !== undefined) rmSync(cache, { recursive: true, force: true });
  }
}

/** An act in one line. */
export function titleOf(act: Act): string {
  if ('keep' in act) return `keep ${act.keep}`;
  if ('event' in act)
    return Object.entries(act.event)
      .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      .join(' ');
  const inputs = Object.entries(act.inputs ?? {}).map(
    ([name, value]) => `${name}=${value.replaceAll('\n', ', ')}`,
  );
  return [act.run, ...inputs].join(' ');
}
