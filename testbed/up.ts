import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createMirror } from './archive.ts';
import { build, builtReleases } from './binary.ts';
import { create, mustInside, untilPodsReady, untilServing, type Say } from './cluster.ts';
import { remove } from './down.ts';
import { createKeys } from './keys.ts';
import { tryLock, unlock } from './lock.ts';
import { createNetwork, enter, networkExists } from './network.ts';
import { controlParts, workingParts, type Part } from './part.ts';
import { placeOf, type Place } from './place.ts';
import { alive, startDetached } from './process.ts';
import { Refusal } from './refusal.ts';
import { releasesFrom, type Release } from './release.ts';
import { load, shop, type KubernetesObject, type Size } from './shop.ts';
import { createPlace, readState, removeEmptyRoot, writeState, type State } from './state.ts';

/** What `up` was asked for. */
export interface UpOptions {
  readonly name: string;
  readonly revision: string;
  readonly version: string | undefined;
  readonly istio: boolean;
  readonly shop: boolean;
  readonly load: Size | undefined;
  readonly istioctls: readonly string[];
  readonly pilots: readonly string[];
}

/** Starts a cluster with Istio and the shop in it. One that runs already is left alone. */
export async function up(options: UpOptions, say: Say): Promise<void> {
  const started = Date.now();
  const binaries = await build(say);
  const given = await releasesFrom(options.istioctls, options.pilots);
  const releases = builtReleases(binaries).map((release, i) => given[i] ?? release);
  const version = options.version ?? releases[0]!.version;
  const first = releases.find((release) => release.version === version);
  if (first === undefined) throw new Refusal(`There is no Istio ${version} here, but ${releases.map((r) => r.version).join(' and ')}.`);

  const lock = placeOf(options.name).lock;
  const holder = tryLock(lock);
  if (holder !== undefined) throw new Refusal(`Another up or down of ${options.name} is running (process ${holder.pid}).`);
  try {
    if (isUp(options.name)) {
      say(`${options.name} is already up`);
      return;
    }
    await remove(options.name); // what a broken or interrupted one has left
    const interruption = onInterrupt(options.name, lock, say);
    try {
      await new Cluster(options, releases, binaries, say).start(first);
    } catch (error) {
      await interruption.settled();
      const logs = tailOfLogs(placeOf(options.name));
      await remove(options.name);
      if (error instanceof Error && !(error instanceof Refusal)) error.message += logs;
      throw error;
    } finally {
      interruption.forget();
    }
  } finally {
    unlock(lock);
    removeEmptyRoot();
  }
  say(`${options.name} is up after ${((Date.now() - started) / 1000).toFixed(1)} s; use it with: npm run testbed -- run --name ${options.name} -- kubectl get pods -A`);
}

/** Whether the cluster has come up, and all of it still runs. */
function isUp(name: string): boolean {
  const state = readState(placeOf(name));
  return state?.ready === true && state.parts.every(alive) && state.network !== undefined && networkExists(state.network);
}

/** A cluster that is interrupted half-way goes away again; what fails on the way out is not worth a word. */
function onInterrupt(name: string, lock: string, say: Say): { settled: () => Promise<void>; forget: () => void } {
  let leaving: Promise<void> | undefined;
  const leave = () => {
    leaving ??= remove(name).then(() => {
      unlock(lock);
      removeEmptyRoot();
      say(`interrupted: ${name} is gone again`);
      process.exit(130);
    });
  };
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  return {
    settled: () => leaving ?? Promise.resolve(),
    forget: () => {
      process.off('SIGINT', leave);
      process.off('SIGTERM', leave);
    },
  };
}

function tailOfLogs(place: Place): string {
  const state = readState(place);
  const dead = (state?.parts ?? []).filter((part) => !alive(part));
  return dead.map(({ name }) => `\n--- end of ${name}.log:\n${lastLines(join(place.logs, `${name}.log`))}`).join('');
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}

/** A cluster as it grows; everything it makes is written down at once. */
class Cluster {
  readonly #options: UpOptions;
  readonly #releases: readonly Release[];
  readonly #binaries: Readonly<Record<string, string>>;
  readonly #say: Say;
  readonly #place: Place;
  #state: State;

  constructor(options: UpOptions, releases: readonly Release[], binaries: Readonly<Record<string, string>>, say: Say) {
    this.#options = options;
    this.#releases = releases;
    this.#binaries = binaries;
    this.#say = say;
    this.#place = createPlace(options.name);
    this.#state = { name: options.name, ready: false, parts: [], releases: releases.map((release) => release.version) };
    this.#record({});
  }

  /** Brings up the cluster, then the mesh, then the shop. */
  async start(first: Release): Promise<void> {
    this.#linkTools();
    this.#record({ network: await createNetwork(this.#options.name, join(this.#place.logs, 'network.log')) });
    await createKeys(this.#binaries, this.#place, this.#options.name);
    this.#say('starting Kubernetes');
    controlParts(this.#binaries, this.#place).forEach((part) => this.#startPart(part));
    await Promise.all([createMirror(this.#place, this.#releases), untilServing(this.#network, this.#place, this.#check)]);
    workingParts(this.#binaries, this.#place, this.#releases).forEach((part) => this.#startPart(part));
    if (this.#options.istio) await this.#installIstio(first);
    await this.#fill();
    this.#record({ ready: true });
  }

  get #network() {
    if (this.#state.network === undefined) throw new Error('no network yet');
    return this.#state.network;
  }

  #record(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    writeState(this.#place, this.#state);
  }

  #linkTools(): void {
    symlinkSync(this.#binaries['kubectl']!, join(this.#place.bin, 'kubectl'));
    symlinkSync(this.#binaries['pki']!, join(this.#place.bin, 'testbed-pki'));
    for (const { version, istioctl } of this.#releases) symlinkSync(istioctl, join(this.#place.bin, `istioctl-${version}`));
  }

  #startPart({ name, argv }: Part): void {
    const part = startDetached(name, enter(this.#network, argv), join(this.#place.logs, `${name}.log`), this.#place.dir);
    this.#record({ parts: [...this.#state.parts, part] });
  }

  /** Fails as soon as one of the parts has ended, and names it. */
  readonly #check = (): void => {
    const dead = this.#state.parts.find((part) => !alive(part));
    if (dead !== undefined) throw new Error(`${dead.name} has ended`);
  };

  async #installIstio(release: Release): Promise<void> {
    const { revision } = this.#options;
    this.#say(`installing Istio ${release.version}, ${revision === 'default' ? 'without revision' : `revision ${revision}`}`);
    const chosen = revision === 'default' ? [] : ['--revision', revision];
    const argv = [`istioctl-${release.version}`, 'install', '--set', 'profile=minimal', ...chosen, '--readiness-timeout', '90s', '-y'];
    await mustInside(this.#network, this.#place, argv);
  }

  async #fill(): Promise<void> {
    const { revision, load: size } = this.#options;
    const objects: KubernetesObject[] = [
      ...(this.#options.shop ? shop(revision) : []),
      ...(size === undefined ? [] : load(revision, size)),
    ];
    if (objects.length === 0) return;
    this.#say(`applying ${objects.length} objects`);
    await create(this.#network, this.#place, objects);
    const expected = size === undefined ? 0 : size.namespaces * size.workloads * size.replicas;
    const pods = await untilPodsReady(this.#network, this.#place, expected, this.#say, this.#check);
    this.#say(`${pods.ready} pods are ready`);
  }
}
