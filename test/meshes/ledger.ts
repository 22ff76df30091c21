import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** What a run of the generator leaves for docs/reliability.md. */
export interface Entry {
  readonly build: string;
  readonly seed: number;
  readonly stories: number;
  /** How many stories had each ingredient: `feature:…`, `actor:…`, `strike:…`, `phase:…`, `form:…`, `engine:…`. */
  readonly ingredients: Readonly<Record<string, number>>;
  /** How many stories broke each rule. */
  readonly violations: Readonly<Record<string, number>>;
  /** Of stories that the cluster could not play. */
  readonly unplayed: number;
  /** What became of those, written by whoever looked at them. */
  readonly note?: string;
}

/** The entries of a file with one a line; none where it is not there. */
export function readLedger<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export function record(path: string, entry: Entry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** How many of them there are of each. */
export function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one)))
    sums[name] = (sums[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
}
