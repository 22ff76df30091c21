import { mkdirSync, readFileSync, rmSync, writeFileSync, linkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alive, startTimeOf, type Tracked } from './process.ts';

/** Who holds a lock file; undefined where nobody does, or its holder has died. */
export function holderOf(path: string): Tracked | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Tracked;
    return alive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the lock, or says who has it. The file appears whole, by a link, so that nobody reads half of it. */
export function tryLock(path: string): Tracked | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const mine = { name: 'lock', pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(draft, path);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = holderOf(path);
      if (holder !== undefined) return holder;
      rmSync(path, { force: true }); // its holder has died
    }
    return mine;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Runs work with the lock, waiting for whoever has it. */
export async function withLock<T>(
  path: string,
  waiting: (pid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  for (let holder = tryLock(path); holder !== undefined; holder = tryLock(path)) {
    if (!told) waiting(holder.pid);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    unlock(path);
  }
}

/** Gives the lock back. */
export function unlock(path: string): void {
  rmSync(path, { force: true });
}
