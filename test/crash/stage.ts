import { readFileSync, rmSync, mkdtempSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runAction } from '../../scripts/run-action.ts';
import { type Gate, startGate } from '../support/gate/gate.ts';
import { down, launcher, testbed, up } from '../support/testbed.ts';
import { type Observation, kindsOf, must, observe } from './observation.ts';
import { STORIES, type Story, type StoryName, type Write } from './point.ts';
import { OLD_REVISION, smallMesh } from './small-mesh.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** What a run is asked beside the story's inputs, and by which way it goes. */
export interface Way {
  readonly kubeconfig?: string;
  readonly onStart?: (pid: number) => void;
}

/**
 * A cluster with the small mesh, copies of it at each start, and how undisturbed runs end. It is put back to a copy for
 * each trial.
 */
export class Stage {
  readonly cluster: string;
  readonly #mesh: Story['mesh'];
  readonly #dist: string;
  #place: Readonly<Record<string, string>> = {};
  #kinds = '';
  #gate: Gate | undefined;
  #up: Promise<unknown> | undefined;
  readonly #ends = new Map<StoryName | 'fresh', Observation>();
  readonly #took = new Map<StoryName, number>();

  constructor(cluster: string, mesh: Story['mesh'] = 'revisioned') {
    this.cluster = cluster;
    this.#mesh = mesh;
    // A build in between must not change what is tried.
    this.#dist = mkdtempSync(join(tmpdir(), 'istio-upgrade-dist-'));
    cpSync(DIST, this.#dist, { recursive: true });
  }

  /**
   * Brings up the cluster, and makes the copies that the stories begin with, by undisturbed runs of the phases. All
   * stories are of this stage's mesh.
   */
  async open(stories: readonly StoryName[]): Promise<void> {
    const revision = this.#mesh === 'revisioned' ? ['--revision', OLD_REVISION] : [];
    this.#up = up(this.cluster, [...revision, '--no-shop']);
    await this.#up;
    const list = { apiVersion: 'v1', kind: 'List', items: smallMesh(this.#mesh) };
    await must(this.cluster, ['kubectl', 'apply', '-f', '-'], JSON.stringify(list));
    for (const [namespace, name] of [
      ['moved', 'web'],
      ['follows', 'api'],
    ] as const) {
      const rollout = ['rollout', 'status', `deployment/${name}`, '-n', namespace, '--timeout=120s'];
      await must(this.cluster, ['kubectl', ...rollout]);
    }
    const script = 'JSON.stringify(process.env)';
    this.#place = JSON.parse(await must(this.cluster, [process.execPath, '-p', script])) as Record<
      string,
      string
    >;
    this.#kinds = await kindsOf(this.cluster);
    this.#ends.set('fresh', await this.observe());
    await testbed('save', '--name', this.cluster, 'fresh');
    const needed = new Set<string>(stories.map((name) => STORIES[name].start));
    if (needed.has('canary') || needed.has('promoted')) {
      await this.#undisturbed('canary');
      await testbed('save', '--name', this.cluster, 'canary');
    }
    if (needed.has('promoted')) {
      await this.#undisturbed('promote');
      await testbed('save', '--name', this.cluster, 'promoted');
    }
  }

  /** Runs a story as it should be, remembers its end, and tells its writes in order. */
  async writesOf(name: StoryName): Promise<Write[]> {
    await this.begin(name);
    await this.#undisturbed(name, { kubeconfig: this.gate.kubeconfig });
    return (await this.gate.requests()).map(({ n, method, path, userAgent }) => ({
      n,
      what: `${method} ${path.split('?')[0] ?? ''}`,
      by: userAgent.startsWith('istio-upgrade') ? 'action' : 'istioctl',
    }));
  }

  async #undisturbed(name: StoryName, way: Way = {}): Promise<void> {
    const startedAt = performance.now();
    const ended = await this.run(STORIES[name], way);
    this.#took.set(name, performance.now() - startedAt);
    if (ended.exitCode !== 0)
      throw new Error(`undisturbed ${name} failed:\n${ended.summary}\n${ended.stdout}`);
    this.#ends.set(name, await this.observe());
  }

  /** Puts the cluster back to where a story begins. */
  async begin(name: StoryName): Promise<void> {
    // It lives in the cluster's network, and so would not outlive what follows.
    await this.#gate?.close();
    await testbed('restore', '--name', this.cluster, STORIES[name].start);
    this.#gate = await startGate(this.cluster, this.#admin());
  }

  /** Runs a phase to its end. */
  run({ phase, inputs }: Pick<Story, 'phase' | 'inputs'>, way: Way = {}): Promise<RunResult> {
    return runAction({
      dist: this.#dist,
      inputs: {
        phase,
        kubeconfig: way.kubeconfig ?? this.#admin(),
        'istioctl-base-url': this.#known('TESTBED_MIRROR'),
        timeout: '4m',
        ...inputs,
      },
      launcher: launcher(this.cluster),
      ...(way.onStart === undefined ? {} : { onStart: way.onStart }),
    });
  }

  /** How an undisturbed run of the story ended, or what the mesh was before everything. */
  endOf(name: StoryName | 'fresh'): Observation {
    const end = this.#ends.get(name);
    if (end === undefined) throw new Error(`${name} was not run undisturbed`);
    return end;
  }

  /** Milliseconds that an undisturbed run of the story took. */
  msOf(name: StoryName): number {
    const took = this.#took.get(name);
    if (took === undefined) throw new Error(`${name} was not run undisturbed`);
    return took;
  }

  observe(): Promise<Observation> {
    return observe(this.cluster, this.#kinds);
  }

  /**
   * Frees the lock that a killed run holds, as if its 30 s were over. That a lock is taken over, and when, is proved by
   * scenarios of its own; here it would cost half a minute a trial.
   */
  async freeLock(): Promise<void> {
    const lease = ['lease', 'istio-upgrade', '-n', 'istio-system'];
    const found = await must(this.cluster, ['kubectl', 'get', ...lease, '--ignore-not-found', '-o', 'name']);
    if (found === '') return;
    const patch = JSON.stringify({ spec: { holderIdentity: null } });
    await must(this.cluster, ['kubectl', 'patch', ...lease, '--type=merge', '-p', patch]);
  }

  get gate(): Gate {
    if (this.#gate === undefined) throw new Error('no story has begun');
    return this.#gate;
  }

  async close(): Promise<void> {
    // What is still coming up could not be taken away whole.
    await this.#up?.catch(() => undefined);
    await this.#gate?.close();
    await down(this.cluster);
    rmSync(this.#dist, { recursive: true, force: true });
  }

  #admin(): string {
    return readFileSync(join(this.#known('TESTBED_DIR'), 'admin.kubeconfig'), 'utf8');
  }

  #known(variable: string): string {
    const value = this.#place[variable];
    if (value === undefined) throw new Error(`${variable} is not known: the cluster is not up`);
    return value;
  }
}

/** Takes the clusters away also when this process is asked to end. */
export function closeOnSignals(stages: readonly Stage[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void Promise.allSettled(stages.map((stage) => stage.close())).finally(() => process.exit(130));
    });
  }
}
