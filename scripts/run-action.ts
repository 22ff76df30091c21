import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../src/report/report.ts';
import { inputEnvironment } from './action-metadata.ts';
import { parseFileCommands, parseWorkflowCommand } from './workflow-command.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The time that the runner leaves between SIGINT and SIGTERM, and between SIGTERM and the end, in milliseconds. */
const CANCEL_MS = { interrupt: 7500, terminate: 2500 } as const;

const DRAIN_MS = 1000;

/** One run of the Action, as a step of a job would ask for it. */
export interface RunRequest {
  /** By their names in action.yml; what is not given has its default. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Added to the environment of this process; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start from, as the workspace does. Default: here. */
  readonly cwd?: string;
  /** Called with each line of the log as a person would see it: secrets starred, `::add-mask::` left out. */
  readonly onLine?: (line: string) => void;
  /** Called when the process runs; it leads a process group of its own (`process.kill(-pid)` meets its children too). */
  readonly onStart?: (pid: number) => void;
  /** Called when `main` has ended, before `post`. */
  readonly onEnd?: () => void;
  /** Cancels as the runner does: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL. */
  readonly signal?: AbortSignal;
  /** Directory with the built `main.js` and `post.js`. Default: dist. */
  readonly dist?: string;
  /** Command in front of node, which must become it: such as `ip netns exec NAME`, to run in another network. */
  readonly launcher?: readonly string[];
}

/** What a run left. Nothing in it is starred, so that a test sees a secret that leaks. */
export interface RunResult {
  /** Of `main`; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** Markdown. */
  readonly summary: string;
  /** Without the lines by which secrets are made known to the runner. */
  readonly stdout: string;
  readonly stderr: string;
  /** What the output `report` points to, read before `post`; undefined where there is none. */
  readonly report: Report | undefined;
  /** What `main` asked to be starred. */
  readonly masks: readonly string[];
  readonly post: { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };
  /** What is left in the runner's temporary directory after `post`: nothing, if all is well. */
  readonly leftovers: readonly string[];
}

/** Runs `main` and then `post` of the built Action, as the runner would. */
export async function runAction(request: RunRequest): Promise<RunResult> {
  const home = mkdtempSync(join(tmpdir(), 'istio-upgrade-run-'));
  try {
    return await runIn(home, request);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function runIn(home: string, request: RunRequest): Promise<RunResult> {
  const dist = request.dist ?? join(ROOT, 'dist');
  const files = runnerFiles(home);
  const temp = join(home, '_temp');
  mkdirSync(temp);
  const env = { ...environment(home, request), ...files };
  const main = await runEntry(
    join(dist, 'main.js'),
    { ...env, ...inputEnvironment(request.inputs) },
    request,
  );
  request.onEnd?.();
  const outputs = parseFileCommands(readFileSync(files.GITHUB_OUTPUT, 'utf8'));
  const state = parseFileCommands(readFileSync(files.GITHUB_STATE, 'utf8'));
  const report = readReport(outputs.report);
  const saved = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
  const { onLine, cwd, launcher } = request;
  const post = await runEntry(
    join(dist, 'post.js'),
    { ...env, ...saved },
    {
      ...(onLine && { onLine }),
      ...(cwd !== undefined && { cwd }),
      ...(launcher && { launcher }),
    },
  );
  return {
    ...main,
    outputs,
    state,
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    report,
    post: { exitCode: post.exitCode, stdout: post.stdout, stderr: post.stderr },
    leftovers: readdirSync(temp, { recursive: true }).map(String),
  };
}

const RUNNER_FILES = [
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STEP_SUMMARY',
] as const;

function runnerFiles(home: string): Record<(typeof RUNNER_FILES)[number], string> {
  const files = RUNNER_FILES.map((name) => [name, join(home, name.toLowerCase())] as const);
  for (const [, path] of files) writeFileSync(path, '');
  return Object.fromEntries(files) as Record<(typeof RUNNER_FILES)[number], string>;
}

/** The machine's environment without what belongs to a job or to jest, and with what every job has. */
function environment(home: string, { env = {}, cwd = process.cwd() }: RunRequest): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(INPUT_|STATE_|GITHUB_|RUNNER_|NODE_OPTIONS$)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_JOB: 'laptop',
    GITHUB_REPOSITORY: 'local/laptop',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: String(Date.now()),
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW: 'laptop',
    GITHUB_WORKSPACE: cwd,
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_DEBUG: process.env.RUNNER_DEBUG,
    RUNNER_OS: { darwin: 'macOS', win32: 'Windows' }[process.platform as string] ?? 'Linux',
    RUNNER_TEMP: join(home, '_temp'),
    RUNNER_TOOL_CACHE: toolCache(),
    ...env,
  };
}

/** Kept between runs, so that istioctl is downloaded once. */
function toolCache(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const path = join(cache, 'istio-upgrade', 'tool-cache');
  mkdirSync(path, { recursive: true });
  return path;
}

type EntryResult = Pick<RunResult, 'exitCode' | 'stdout' | 'stderr' | 'masks'>;
type EntryOptions = Pick<RunRequest, 'cwd' | 'launcher' | 'onLine' | 'onStart' | 'signal'>;

async function runEntry(entry: string, env: NodeJS.ProcessEnv, options: EntryOptions): Promise<EntryResult> {
  if (!existsSync(entry)) throw new Error(`${entry} is not there: build it with npm run build`);
  const [command, ...args] = [...(options.launcher ?? []), process.execPath, entry];
  const child = spawn(command, args, {
    cwd: options.cwd ?? process.cwd(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const stdout: string[] = [];
  const stderr: string[] = [];
  const masks: string[] = [];
  const show = (line: string): void => options.onLine?.(star(line, masks));
  createInterface(child.stdout).on('line', (line) => {
    const command = parseWorkflowCommand(line);
    if (command?.name === 'add-mask') masks.push(command.message);
    else {
      stdout.push(line);
      show(line);
    }
  });
  createInterface(child.stderr).on('line', (line) => {
    stderr.push(line);
    show(line);
  });
  const ended = exitOf(child);
  const exitCode = await cancellable(child, ended, options.signal);
  return { exitCode, stdout: stdout.join('\n'), stderr: stderr.join('\n'), masks };
}

/** The exit code, once all output is read. A child of its own that lives on keeps the pipes open: that is not waited for. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  const closed = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return code;
}

async function cancellable<T>(
  child: ChildProcess,
  ended: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const cancel = async (): Promise<void> => {
    const over = ended.then(() => true);
    child.kill('SIGINT');
    if (await Promise.race([over, sleep(CANCEL_MS.interrupt, false, { ref: false })])) return;
    child.kill('SIGTERM');
    if (await Promise.race([over, sleep(CANCEL_MS.terminate, false, { ref: false })])) return;
    child.kill('SIGKILL');
  };
  const onAbort = (): void => void cancel();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await ended;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A text as the runner would show it. */
export function star(text: string, masks: readonly string[]): string {
  return masks.reduce((shown, mask) => (mask === '' ? shown : shown.replaceAll(mask, '***')), text);
}

function readReport(path: string | undefined): Report | undefined {
  return path !== undefined && existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Report)
    : undefined;
}
