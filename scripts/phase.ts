import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readActionMetadata } from './action-metadata.ts';
import { type RunResult, runAction, star } from './run-action.ts';
import { parseWorkflowCommand } from './workflow-command.ts';

const USAGE = `Runs one phase from this machine, as a job on GitHub would.

  npm run phase -- phase=precheck version=1.31.0 [input=value …] [--json FILE]

Inputs are those of action.yml; input=@PATH gives the content of a file. Without kubeconfig the file that
$KUBECONFIG names is used, and on the testbed istioctl comes from its mirror. --json writes outputs, summary
and exit code to a file.
Inputs: ${Object.keys(readActionMetadata().inputs).join(', ')}
`;

/** Inputs of the command line, `name=value` or `name=@path`. */
function readInputs(args: readonly string[]): Record<string, string> {
  const { KUBECONFIG: ambient, TESTBED_MIRROR: mirror } = process.env;
  return {
    ...(mirror && { 'istioctl-base-url': mirror }),
    ...(ambient && { kubeconfig: readFileSync(ambient, 'utf8') }),
    ...Object.fromEntries(args.map(readInput)),
  };
}

/** The testbed's istioctl is its own build under a release's name: never to be taken for the real one that is kept. */
function toolCache(): Record<string, string> {
  const { TESTBED_DIR: dir } = process.env;
  return dir ? { RUNNER_TOOL_CACHE: join(dir, 'tool-cache') } : {};
}

function readInput(arg: string): [string, string] {
  const at = arg.indexOf('=');
  if (at < 1) throw new Error(`${JSON.stringify(arg)} is not input=value`);
  const value = arg.slice(at + 1);
  return [arg.slice(0, at), value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value];
}

/** A line of the log as the run's page would show it. */
function show(line: string): void {
  const command = parseWorkflowCommand(line);
  const text = command === undefined ? line : render(command.name, command.message, command.properties.title);
  if (text !== undefined) process.stdout.write(`${text}\n`);
}

function render(name: string, message: string, title: string | undefined): string | undefined {
  const shown: Record<string, string> = { group: '▸ ', error: '❌ ', warning: '⚠️ ', notice: 'ℹ️ ' };
  const sign = name === 'debug' && process.env.RUNNER_DEBUG === '1' ? '· ' : shown[name];
  if (sign === undefined) return undefined;
  return `${sign}${title === undefined ? '' : `${title}: `}${message}`;
}

function printResult({ outputs, summary, masks }: RunResult): void {
  const rows = Object.entries(outputs).map(([name, value]) => `  ${name}: ${value}`);
  process.stdout.write(star(`\nOutputs\n${rows.join('\n')}\n\nSummary\n\n${summary}`, masks));
}

function forwardSignals(pid: number): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended by itself; what is left is short, and done in any case.
      }
    });
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true || positionals.length === 0) {
    process.stdout.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const result = await runAction({
    inputs: readInputs(positionals),
    env: toolCache(),
    onLine: show,
    // The Action has a process group of its own, so Ctrl-C reaches it only through here, and once.
    onStart: forwardSignals,
  });
  printResult(result);
  const { outputs, summary, exitCode } = result;
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ outputs, summary, exitCode }, null, 2));
  return exitCode ?? 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
