import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LineSplitter } from './lines.ts';
import { Tail } from './tail.ts';

/** Which of the child's two streams a line came from. */
export type StreamName = 'stdout' | 'stderr';

/** A command to run: a program and its arguments, never a line for a shell. */
export interface CommandSpec {
  /** Path of the program, or a name that `env.PATH` finds. */
  readonly file: string;
  /** Shown by `ps` and in logs: no secret belongs here. */
  readonly args: readonly string[];
  /** The whole environment of the child: see `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Deadline in milliseconds; every command has one (T10: some never end by themselves). */
  readonly timeoutMs: number;
  /** Ends the command as a cancelled one. */
  readonly signal?: AbortSignal;
  /** Called for each whole line as it comes, without its line break. What it throws is ignored. */
  readonly onLine?: (stream: StreamName, line: string) => void;
  /** Bytes kept of each stream; older ones are dropped. Default 64 MiB. */
  readonly maxBytes?: number;
}

/** How a command ended. An exit code other than 0 is a result, not an exception. */
export interface CommandResult {
  /** Exit code, or null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The deadline passed and it was ended by us. */
  readonly timedOut: boolean;
  /** The caller's signal fired and it was ended by us. */
  readonly aborted: boolean;
  /** The beginning of a stream was dropped: what is left must not be parsed as if it were whole. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** Runs commands. The port that tests replace. */
export interface CommandRunner {
  /** @throws CommandNotRunnable where the program can't be started at all */
  run(spec: CommandSpec): Promise<CommandResult>;
}

/** The program could not be started, so it has done nothing. */
export class CommandNotRunnable extends Error {
  override readonly name = 'CommandNotRunnable';
  readonly file: string;
  readonly remedy: string;

  constructor(file: string, cause: NodeJS.ErrnoException) {
    const [reason, remedy] = NOT_RUNNABLE[cause.code ?? ''] ?? [
      cause.message,
      'Check the file and the machine.',
    ];
    super(`cannot run ${file}: ${reason}`, { cause });
    this.file = file;
    this.remedy = remedy;
  }
}

const NOT_RUNNABLE: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: ['there is no such file', 'Give the path of an existing program.'],
  EACCES: [
    'it is not executable',
    'Run `chmod +x` on it, and check that its directory is not mounted noexec.',
  ],
  ENOEXEC: ['it is no program of this platform', 'Use the build for this operating system and processor.'],
  EPERM: ['the system does not permit it', 'Check the rights of this user, and security modules.'],
};

/** What is sent to the process group, and how long after the decision to end it. */
type Ladder = readonly (readonly [signal: NodeJS.Signals, afterMs: number])[];
const ON_TIMEOUT: Ladder = [
  ['SIGTERM', 0],
  ['SIGKILL', 5_000],
];
/** A cancelled runner leaves us 10 s: SIGINT, 7.5 s, SIGTERM, 2.5 s. The child gets half of it. */
const ON_ABORT: Ladder = [
  ['SIGINT', 0],
  ['SIGTERM', 2_000],
  ['SIGKILL', 5_000],
];
/** How long output may still come after the program ended: a process it left behind may hold the pipes for ever. */
const DRAIN_MS = 2_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Runs commands with `spawn`: no shell, stdin empty, in a process group of their own.
 *
 * Not `@actions/exec`: it cannot signal its child nor end it at a deadline, and a child that changes a cluster
 * must end with us. The group takes along what the program started, such as an exec plugin of the kubeconfig.
 * Linux and macOS; Windows knows no process groups.
 */
export const processRunner: CommandRunner = { run };

async function run(spec: CommandSpec): Promise<CommandResult> {
  const started = performance.now();
  if (spec.signal?.aborted === true) return notStarted(started);
  const child = await start(spec);
  const output = collect(child, spec);
  const supervision = supervise(child, spec);
  const [code, signal] = await ended(child);
  supervision.over();
  const cause = supervision.cause();
  return {
    code,
    signal,
    stdout: output.stdout.text(),
    stderr: output.stderr.text(),
    timedOut: cause === 'timeout',
    aborted: cause === 'abort',
    truncated: output.stdout.truncated || output.stderr.truncated,
    durationMs: Math.round(performance.now() - started),
  };
}

function notStarted(started: number): CommandResult {
  const durationMs = Math.round(performance.now() - started);
  return {
    code: null,
    signal: null,
    stdout: '',
    stderr: '',
    timedOut: false,
    aborted: true,
    truncated: false,
    durationMs,
  };
}

function start({ file, args, env }: CommandSpec): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(new CommandNotRunnable(file, error));
    try {
      // An empty stdin answers every prompt with "no"; an open, silent one would hang for ever (T05).
      const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      child.once('spawn', () => resolve(child)).once('error', fail);
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

function collect(
  child: ChildProcess,
  { onLine, maxBytes = MAX_BYTES }: CommandSpec,
): Record<StreamName, Tail> {
  const keep = (name: StreamName, stream: Readable | null): Tail => {
    const tail = new Tail(maxBytes);
    stream?.on('data', (chunk: Buffer) => tail.add(chunk));
    if (onLine === undefined) return tail;
    const splitter = new LineSplitter((line) => {
      try {
        onLine(name, line);
      } catch {
        // Showing a line must not disturb a command that changes a cluster.
      }
    });
    stream?.on('data', (chunk: Buffer) => splitter.add(chunk));
    stream?.once('close', () => splitter.end());
    return tail;
  };
  return { stdout: keep('stdout', child.stdout), stderr: keep('stderr', child.stderr) };
}

/** Waits for the end of the program and, for a while, for the rest of its output. */
function ended(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      const drained = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
      child.once('close', () => clearTimeout(drained));
    });
    child.once('close', (code, signal) => resolve([code, signal]));
  });
}

interface Supervision {
  /** Why we ended the child; undefined where it ended by itself. */
  readonly cause: () => 'timeout' | 'abort' | undefined;
  readonly over: () => void;
}

/** Ends the child's process group when its time is over, when the caller says so, and when we end ourselves. */
function supervise(child: ChildProcess, { timeoutMs, signal: abort }: CommandSpec): Supervision {
  let cause: 'timeout' | 'abort' | undefined;
  const timers: NodeJS.Timeout[] = [];
  const send = (signal: NodeJS.Signals): void => signalGroup(child, signal);
  const begin = (why: 'timeout' | 'abort', ladder: Ladder): void => {
    // The first cause stands: a cancelled run that then is late, too, was cancelled.
    if (cause !== undefined) return;
    cause = why;
    for (const [signal, afterMs] of ladder) timers.push(setTimeout(() => send(signal), afterMs));
  };
  const onAbort = (): void => begin('abort', ON_ABORT);
  // A process group of its own gets no signal from the terminal or the runner once we are gone.
  const onOurExit = (): void => send('SIGKILL');
  // What the program left in its group must not go on after we decided to end it.
  child.once('exit', () => {
    if (cause !== undefined) send('SIGKILL');
  });
  timers.push(setTimeout(() => begin('timeout', ON_TIMEOUT), timeoutMs));
  abort?.addEventListener('abort', onAbort);
  if (abort?.aborted === true) onAbort();
  process.on('exit', onOurExit);
  return {
    cause: () => cause,
    over: () => {
      timers.forEach((timer) => clearTimeout(timer));
      abort?.removeEventListener('abort', onAbort);
      process.off('exit', onOurExit);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
