import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runAction } from '../../scripts/run-action.ts';
import { type Gate, startGate } from '../support/gate/gate.ts';
import { launcher } from '../support/testbed.ts';
import type { Ground } from './ground.ts';
import { type Observation, observationOf } from './observation.ts';
import { STORIES, type Start, type Story, type StoryName, type Write, leadingTo } from './point.ts';
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
  readonly ground: Ground;
  readonly #mesh: Story['mesh'];
  readonly #dist: string;
  #gate: Gate | undefined;
  readonly #ends = new Map<Start, Observation>();
  readonly #took = new Map<StoryName, number>();

  constructor(ground: Ground, mesh: Story['mesh'] = 'revisioned') {
    this.ground = ground;
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
    const revision = this.#mesh === 'revisioned' ? OLD_REVISION : undefined;
    await this.ground.open(revision, smallMesh(this.#mesh));
    this.#ends.set('fresh', await this.observe());
    await this.ground.save('fresh');
    let at: Start = 'fresh';
    for (const name of leadingTo(stories)) {
      if (STORIES[name].start !== at) await this.ground.restore(copyOf(STORIES[name].start));
      await this.#undisturbed(name);
      await this.ground.save(copyOf(name));
      at = name;
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
    await this.ground.restore(copyOf(STORIES[name].start));
    this.#gate = await startGate(this.ground.cluster, this.ground.kubeconfig());
  }

  /** Runs a phase to its end. */
  run({ phase, inputs }: Pick<Story, 'phase' | 'inputs'>, way: Way = {}): Promise<RunResult> {
    return runAction({
      dist: this.#dist,
      inputs: {
        phase,
        kubeconfig: way.kubeconfig ?? this.ground.kubeconfig(),
        'istioctl-base-url': this.ground.mirror(),
        timeout: '4m',
        ...inputs,
      },
      env: this.ground.env,
      ...(this.ground.cluster === undefined ? {} : { launcher: launcher(this.ground.cluster) }),
      ...(way.onStart === undefined ? {} : { onStart: way.onStart }),
    });
  }

  /** How an undisturbed run of the story ended, or what the mesh was before everything. */
  endOf(name: Start): Observation {
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

  async observe(): Promise<Observation> {
    return observationOf(await this.ground.everything());
  }

  /**
   * Frees the lock that a killed run holds, as if its 30 s were over. That a lock is taken over, and when, is proved by
   * scenarios of its own; here it would cost half a minute a trial.
   */
  freeLock(): Promise<void> {
    return this.ground.freeLock();
  }

  get gate(): Gate {
    if (this.#gate === undefined) throw new Error('no story has begun');
    return this.#gate;
  }

  async close(): Promise<void> {
    await this.#gate?.close();
    await this.ground.close();
    rmSync(this.#dist, { recursive: true, force: true });
  }
}

/** A copy's name is a file's on the testbed. */
function copyOf(start: Start): string {
  return start.replaceAll(' ', '-');
}

/** Takes the clusters away also when this process is asked to end. */
export function closeOnSignals(stages: readonly Stage[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void Promise.allSettled(stages.map((stage) => stage.close())).finally(() => process.exit(130));
    });
  }
}
