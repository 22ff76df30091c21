import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A command and its arguments. */
export type Argv = readonly [string, ...string[]];

/** A process that is ours: the start time tells it from a later one with the same id. */
export interface Tracked {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
}

/**
 * When the process started, in clock ticks since boot; undefined where there is none, or only a zombie. A zombie whose
 * other threads are still ending counts: it holds its ports until the last is gone.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const threads = Number(fields[17]);
    return fields[0] === 'Z' && threads <= 1 ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. */
export function alive(process: Tracked): boolean {
  return startTimeOf(process.pid) === process.startTime;
}

/** Starts a process that outlives us, with its output in a file. */
export function startDetached(name: string, argv: Argv, logFile: string, cwd: string): Tracked {
  const log = openSync(logFile, 'a', 0o600);
  const [file, ...args] = argv;
  const env = { ...process.env, GOGC: '200' }; // memory is cheaper here than the processor's time
  const child = spawn(file, args, { detached: true, stdio: ['ignore', log, log], cwd, env });
  closeSync(log);
  child.on('error', () => undefined); // seen as a missing pid below
  child.unref();
  return track(name, child);
}

function track(name: string, child: ChildProcess): Tracked {
  const startTime = child.pid === undefined ? undefined : startTimeOf(child.pid);
  if (child.pid === undefined || startTime === undefined) throw new Error(`${name} did not start`);
  return { name, pid: child.pid, startTime };
}

/** The processes inside a network namespace, told by the namespace's identity (`net:[…]`). */
export function processesIn(namespace: string): Tracked[] {
  const found: Tracked[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const startTime = startTimeOf(pid);
    if (startTime !== undefined && networkOf(pid) === namespace)
      found.push({ name: 'inside', pid, startTime });
  }
  return found;
}

/** The identity of a process' network namespace. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** Ends one process by its id, after making sure that the id is still its own. */
export function kill(victim: Tracked): void {
  if (!alive(victim)) return;
  try {
    process.kill(victim.pid, 'SIGKILL');
  } catch {
    // ended between the two lines
  }
}

/** Ends processes, and those that turn up meanwhile, until none is left. */
export async function killAll(list: () => Tracked[]): Promise<void> {
  for (let left = 200; left > 0; left--) {
    const victims = list().filter(alive);
    if (victims.length === 0) return;
    victims.forEach(kill);
    await sleep(25);
  }
  throw new Error(
    `processes ${list()
      .map((p) => p.pid)
      .join(', ')} do not end`,
  );
}

/** What a finished command said. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function run(
  argv: Argv,
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Finished> {
  const [file, ...args] = argv;
  const { input, ...rest } = options;
  return new Promise((resolve) => {
    const child = execFile(file, args, { ...rest, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
    child.stdin?.on('error', () => undefined); // the command ended without reading it; its exit code tells
    child.stdin?.end(input ?? '');
  });
}

/** Runs a command that must succeed, and gives its output. */
export async function must(...parameters: Parameters<typeof run>): Promise<string> {
  const result = await run(...parameters);
  if (result.code !== 0) {
    throw new Error(
      `${parameters[0].join(' ')}: exit code ${result.code}\n${result.stderr || result.stdout}`,
    );
  }
  return result.stdout;
}
