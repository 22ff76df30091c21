import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../testbed/cli.ts', import.meta.url));

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command that runs another one inside a cluster's network, and becomes it: signals reach it. */
export function launcher(name: string): string[] {
  return [process.execPath, CLI, 'run', '--name', name, '--'];
}

/** Runs a command inside a cluster. */
export function inside(name: string, argv: readonly string[], input = ''): Promise<Ended> {
  return command([...launcher(name), ...argv], input);
}

/** Starts a cluster with Istio and the shop in it. */
export async function up(name: string, args: readonly string[] = []): Promise<void> {
  await testbed('up', '--name', name, ...args);
}

/** Takes a cluster away; one that is not there is fine. */
export async function down(name: string): Promise<void> {
  await testbed('down', '--name', name);
}

/** Names of the clusters that are there, in whatever state. */
export async function clusters(): Promise<string[]> {
  const text = await testbed('status');
  return [...text.matchAll(/^([a-z0-9-]+): /gm)].map(([, name = '']) => name);
}

/**
 * Takes away the clusters of test runs that have died. One that does not go is told and left: most likely another
 * worker takes it away at this moment, and the testbed refuses to do that twice.
 */
export async function removeStrays(): Promise<void> {
  for (const name of await clusters()) {
    const pid = Number(/^sc-.*-p(\d+)$/.exec(name)?.[1]);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await down(name).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command of the testbed that must succeed. */
export async function testbed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command([process.execPath, CLI, ...args], '');
  if (code !== 0) throw new Error(`testbed ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout;
}

function command(argv: readonly string[], input: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { env: environment() });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    // A command that does not read its input is no fault.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Jest's own options would make a second node noisy, or fail. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'));
}
