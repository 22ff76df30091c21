import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Point, type StoryName, type Write, keyOf, pointsOf } from './point.ts';
import type { Verdict } from './trial.ts';

/** One line: the writes of a story, or how a point ended. */
type Line =
  | { readonly build: string; readonly story: StoryName; readonly writes: readonly Write[] }
  | ({ readonly build: string; readonly point: Point; readonly ms: number } & Verdict);

/** A result that stands. */
export type Result = Extract<Line, { point: Point }>;

/** What was tried with one build, kept in a file so that it can be gone on with, by several processes at once. */
export class Ledger {
  readonly #path: string;
  readonly build: string;

  constructor(path: string, build: string) {
    this.#path = path;
    this.build = build;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path) && this.#lines().some((line) => line.build !== build)) {
      throw new Error(`${path} is of another build: begin it anew with --anew`);
    }
    if (!existsSync(path)) writeFileSync(path, '');
  }

  /** What a file holds, whichever build it is of. */
  static read(path: string): Ledger {
    const [first = '{"build":""}'] = readFileSync(path, 'utf8').split('\n');
    return new Ledger(path, (JSON.parse(first) as { build: string }).build);
  }

  writesOf(story: StoryName): readonly Write[] | undefined {
    return this.#lines().find((line) => 'writes' in line && line.story === story)?.['writes' as never];
  }

  noteWrites(story: StoryName, writes: readonly Write[]): void {
    this.#append({ build: this.build, story, writes });
  }

  note(point: Point, verdict: Verdict, ms: number): void {
    this.#append({ build: this.build, point, ms, ...verdict });
  }

  /** How each point ended last, by its key. */
  results(): Map<string, Result> {
    return new Map(
      this.#lines().flatMap((line) => ('point' in line ? [[keyOf(line.point), line] as const] : [])),
    );
  }

  /** All points of the stories whose writes are known. */
  points(stories: readonly StoryName[]): Point[] {
    return stories.flatMap((story) => pointsOf(story, this.writesOf(story) ?? []));
  }

  #append(line: Line): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }

  #lines(): Line[] {
    return readFileSync(this.#path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }
}

/** Names what is tried: the digest of the built Action. */
export function buildOf(dist: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dist).sort()) hash.update(name).update(readFileSync(join(dist, name)));
  return hash.digest('hex').slice(0, 16);
}
