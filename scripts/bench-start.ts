import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAction } from './run-action.ts';

/** What starts are measured with: a cluster's keys and programs, and the Action. */
export interface StartBench {
  /** Folder with `admin.kubeconfig`, `pki` and `bin` of a testbed. */
  readonly dir: string;
  readonly dist: string;
  /** Target version, as in the name of its istioctl. */
  readonly version: string;
  /** How often each program is started. */
  readonly starts: number;
}

/** Milliseconds from the start of the process until its first request came in: on the clock, and of CPU. */
interface Start {
  readonly wall: number;
  /** NaN where the system does not tell. */
  readonly cpu: number;
}

/** Starts of one program. */
export interface Starts {
  readonly what: string;
  readonly starts: readonly Start[];
}

/** Runs a program to its end, and says which process it is as soon as it is. */
type Program = (onStart: (pid: number) => void) => Promise<unknown>;

/**
 * Starts the Action and the programs that a script would start instead, in turn, against a server on this machine that
 * notes when the first request comes in, and refuses it.
 */
export async function measureStarts({ dir, dist, version, starts }: StartBench): Promise<Starts[]> {
  const read = (file: string): Buffer => readFileSync(join(dir, 'pki', file));
  let onRequest = (): void => undefined;
  const server = createServer({ cert: read('apiserver.crt'), key: read('apiserver.key') }, (_, response) => {
    onRequest();
    response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = mkdtempSync(join(tmpdir(), 'istio-upgrade-bench-'));
  try {
    const kubeconfig = readFileSync(join(dir, 'admin.kubeconfig'), 'utf8').replace(
      /server: .*/,
      `server: https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    );
    const file = join(home, 'kubeconfig');
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const command = (name: string, ...args: readonly string[]): Program =>
      run([join(dir, 'bin', name), ...args, '--kubeconfig', file]);
    const programs: Readonly<Record<string, Program>> = {
      'the Action': (onStart) =>
        runAction({ inputs: { phase: 'precheck', version, kubeconfig }, dist, onStart }),
      'kubectl get namespaces': command('kubectl', 'get', 'namespaces', '--cache-dir', join(home, 'cache')),
      'istioctl x precheck': command(`istioctl-${version}`, 'x', 'precheck'),
    };
    const taken = new Map<string, Start[]>();
    for (let count = 0; count < starts; count++) {
      for (const [what, program] of Object.entries(programs)) {
        const start = await measure(program, (listener) => (onRequest = listener));
        if (start === undefined) throw new Error(`${what} sent no request`);
        taken.set(what, [...(taken.get(what) ?? []), start]);
      }
    }
    return [...taken].map(([what, starts]) => ({ what, starts }));
  } finally {
    rmSync(home, { recursive: true, force: true });
    server.close();
    server.closeAllConnections();
  }
}

async function measure(program: Program, listen: (listener: () => void) => void): Promise<Start | undefined> {
  let pid = 0;
  let startedAt = 0;
  let first: Start | undefined;
  listen(() => {
    first ??= { wall: performance.now() - startedAt, cpu: cpuOf(pid) };
  });
  await program((started) => {
    pid = started;
    startedAt = performance.now();
  });
  return first;
}

function run([file = '', ...args]: readonly string[]): Program {
  return (onStart) =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args, { stdio: 'ignore' }).once('error', reject).once('close', resolve);
      if (child.pid !== undefined) onStart(child.pid);
    });
}

/** Milliseconds of CPU that all threads of a process have had so far (Linux). */
function cpuOf(pid: number): number {
  const tasks = `/proc/${String(pid)}/task`;
  try {
    return readdirSync(tasks)
      .map((task) => Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]) / 1e6)
      .reduce((sum, part) => sum + part, 0);
  } catch {
    return Number.NaN;
  }
}

/** The least, and the one in the middle. */
export function leastAndMedian(values: readonly number[]): {
  readonly least: number;
  readonly median: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    least: sorted[0] ?? Number.NaN,
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
  };
}
