import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Mark, marksIn } from './marks.ts';

/** How often is looked, in milliseconds: istioctl's commands take a hundred and more. */
const EVERY_MS = 40;
/** Programs that are being unpacked hold no text. */
const LARGEST = 1024 * 1024;

/** A process that a run has started. */
export interface Sighting {
  readonly cmdline: string;
  readonly environ: string;
}

/** A file or directory in the runner's temporary directory while a run goes on. */
export interface TemporaryFile {
  readonly path: string;
  /** Its permissions, such as `600`. */
  readonly mode: string;
  readonly holds: readonly string[];
}

/**
 * Watches a run from outside, as somebody on the same machine would: the processes it starts with their arguments and
 * environment (`/proc`), and the files it has in the runner's temporary directory.
 */
export class Witness {
  readonly #marks: readonly Mark[];
  readonly #seen = new Map<string, Sighting>();
  readonly #files = new Map<string, TemporaryFile>();
  #timer: NodeJS.Timeout | undefined;

  constructor(marks: readonly Mark[]) {
    this.#marks = marks;
  }

  /** Begins to watch the process of `main`, and all below it. */
  watch(pid: number): void {
    this.#timer = setInterval(() => {
      this.#look(pid);
    }, EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get children(): Sighting[] {
    return [...this.#seen.values()];
  }

  get files(): TemporaryFile[] {
    return [...this.#files.values()];
  }

  #look(pid: number): void {
    const main = read(`/proc/${String(pid)}/cmdline`);
    // Before that it is the launcher, which has our environment.
    if (!main.includes('main.js')) return;
    for (const child of descendants(pid)) {
      const cmdline = read(`/proc/${child}/cmdline`).replaceAll('\0', ' ');
      const environ = read(`/proc/${child}/environ`).replaceAll('\0', '\n');
      // Between fork and exec it is a copy of the parent, arguments and all.
      if (cmdline === '' || environ === '' || cmdline.includes('main.js')) continue;
      this.#seen.set(`${cmdline}\n${environ}`, { cmdline, environ });
    }
    const temp = /(?:^|\0)RUNNER_TEMP=([^\0]+)/.exec(read(`/proc/${String(pid)}/environ`))?.[1];
    if (temp !== undefined) this.#lookAt(temp, '');
  }

  #lookAt(root: string, path: string): void {
    try {
      for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
        const inner = join(path, entry.name);
        const { mode, size } = statSync(join(root, inner));
        const text = entry.isFile() && size < LARGEST ? read(join(root, inner)) : '';
        const holds = marksIn(text, this.#marks);
        const file = { path: inner, mode: (mode & 0o777).toString(8), holds };
        this.#files.set(JSON.stringify(file), file);
        if (entry.isDirectory()) this.#lookAt(root, inner);
      }
    } catch {
      // It is gone again.
    }
  }
}

/** The processes below one, by the parent that each names. Their numbers are higher: it was there before them. */
function descendants(pid: number): string[] {
  const below = new Set([String(pid)]);
  for (const child of list('/proc').filter((name) => Number(name) > pid)) {
    // `pid (name) state ppid …`, and a name may hold anything.
    const [, parent = ''] = /^.*\) \S (\d+)/s.exec(read(`/proc/${child}/stat`)) ?? [];
    if (below.has(parent)) below.add(child);
  }
  below.delete(String(pid));
  return [...below];
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
