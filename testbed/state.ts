import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Network } from './network.ts';
import { placeOf, stateRoot, type Place } from './place.ts';
import { alive, startDetached, type Argv, type Tracked } from './process.ts';
import { Refusal } from './refusal.ts';

/** So many lines of a part's log are told when it has ended. */
const LAST_WORDS = 5;

/** A part that runs, and how to start it again. */
export interface RunningPart extends Tracked {
  readonly argv: Argv;
}

/** What is written down of a cluster as it grows, so that `down` finds all of it at any moment. */
export interface State {
  readonly name: string;
  readonly ready: boolean;
  readonly network?: Network;
  readonly parts: readonly RunningPart[];
  readonly releases: readonly string[];
}

/** Starts a part, whose output goes to a file of its own. */
export function startPart(place: Place, name: string, argv: Argv): RunningPart {
  return { ...startDetached(name, argv, join(place.logs, `${name}.log`), place.dir), argv };
}

/** Fails as soon as one of the parts has ended: names it, and tells its last words. */
export function insistAlive(place: Place, parts: readonly RunningPart[]): void {
  const dead = parts.find((part) => !alive(part));
  if (dead === undefined) return;
  const log = readFileSync(join(place.logs, `${dead.name}.log`), 'utf8').trimEnd();
  throw new Error(`${dead.name} has ended:\n${log.split('\n').slice(-LAST_WORDS).join('\n')}`);
}

/** Reads what is known of a cluster. */
export function readState(place: Place): State | undefined {
  if (!existsSync(place.state)) return undefined;
  return JSON.parse(readFileSync(place.state, 'utf8')) as State;
}

/** Writes it, whole or not at all. */
export function writeState(place: Place, state: State): void {
  writeFileSync(`${place.state}.draft`, JSON.stringify(state, null, 2));
  renameSync(`${place.state}.draft`, place.state);
}

/** The names of all clusters that have files here. */
export function clusterNames(): string[] {
  if (!existsSync(stateRoot())) return [];
  return readdirSync(stateRoot(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Makes the folder of a cluster. Keys lie in it, so it and its parent must be ours alone. */
export function createPlace(name: string): Place {
  const place = placeOf(name);
  mkdirSync(stateRoot(), { recursive: true, mode: 0o700 });
  if (statSync(stateRoot()).uid !== process.getuid?.())
    throw new Refusal(`${stateRoot()} belongs to somebody else.`);
  for (const dir of [place.dir, place.logs, place.bin, join(place.dir, 'kubelet')])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  return place;
}

/** Removes the parent folder with its last cluster. */
export function removeEmptyRoot(): void {
  try {
    rmdirSync(stateRoot());
  } catch {
    // not empty, or not there
  }
}
