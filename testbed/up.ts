import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assembly, type Order } from './assembly.ts';
import { build, builtReleases } from './binary.ts';
import type { Say } from './cluster.ts';
import { remove } from './down.ts';
import { tryLock, unlock } from './lock.ts';
import { networkExists } from './network.ts';
import { placeOf, type Place } from './place.ts';
import { alive } from './process.ts';
import { Refusal } from './refusal.ts';
import { releasesFrom, type Release } from './release.ts';
import { readState, removeEmptyRoot } from './state.ts';

/** What `up` was asked for: a cluster, and the releases of Istio it has. */
export interface UpOptions extends Order {
  readonly version: string | undefined;
  readonly istioctls: readonly string[];
  readonly pilots: readonly string[];
}

/** Starts a cluster with Istio and the shop in it. One that runs already is left alone. */
export async function up(options: UpOptions, say: Say): Promise<void> {
  const started = Date.now();
  const binaries = await build(say);
  const given = await releasesFrom(options.istioctls, options.pilots);
  const releases = distinct([...given, ...builtReleases(binaries).slice(given.length)]);
  const version = options.version ?? releases[0]?.version;
  const first = releases.find((release) => release.version === version);
  if (first === undefined)
    throw new Refusal(
      `There is no Istio ${version} here, but ${releases.map((r) => r.version).join(' and ')}.`,
    );

  const lock = placeOf(options.name).lock;
  const holder = tryLock(lock);
  if (holder !== undefined)
    throw new Refusal(`Another up or down of ${options.name} is running (process ${holder.pid}).`);
  try {
    if (isUp(options.name)) {
      say(`${options.name} is already up`);
      return;
    }
    await remove(options.name); // what a broken or interrupted one has left
    const interruption = onInterrupt(options.name, lock, say);
    try {
      await new Assembly(options, releases, binaries, say).start(first);
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
  say(
    `${options.name} is up after ${((Date.now() - started) / 1000).toFixed(1)} s; use it with: npm run testbed -- run --name ${options.name} -- kubectl get pods -A`,
  );
}

/** The releases in order, each version once. */
function distinct(releases: readonly Release[]): Release[] {
  return [
    ...new Map(releases.toReversed().map((release) => [release.version, release])).values(),
  ].toReversed();
}

/** Whether the cluster has come up, and all of it still runs. */
function isUp(name: string): boolean {
  const state = readState(placeOf(name));
  return (
    state?.ready === true &&
    state.parts.every(alive) &&
    state.network !== undefined &&
    networkExists(state.network)
  );
}

/** A cluster that is interrupted half-way goes away again; what fails on the way out is not worth a word. */
function onInterrupt(
  name: string,
  lock: string,
  say: Say,
): { settled: () => Promise<void>; forget: () => void } {
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
  return dead
    .map(({ name }) => `\n--- end of ${name}.log:\n${lastLines(join(place.logs, `${name}.log`))}`)
    .join('');
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}
