import { readFileSync } from 'node:fs';
import * as https from 'node:https';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { programOf } from '../../embedded/release/program.ts';
import type { CommandResult, CommandRunner, CommandSpec, StreamName } from '../../src/process/command.ts';

/** The program of a version as text: what `programOf` puts before it is for a shell. */
const source = (version: string): string => programOf(version).split('\n').slice(3).join('\n');

/** What of `process` the stand-in uses. */
interface Process {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
  exitCode?: number;
}

type Program = (
  require: (name: string) => unknown,
  module: { exports: object },
  exports: object,
  process: Process,
) => Promise<void>;

let compiled: Program | undefined;

/** The stand-in as a function. It is a program: its last statement is the promise of its end. */
function program(version: string): Program {
  if (compiled !== undefined) return compiled;
  const text = source(version);
  // The last statement but one reads the command line.
  const marker = 'process.argv.slice(2);';
  const start = text.lastIndexOf(marker) + marker.length;
  if (start < marker.length) throw new Error('the stand-in for istioctl does not end as it did');
  const wrapped = `(function (require, module, exports, process) {${text.slice(0, start)}return ${text.slice(start)}\n})`;
  compiled = new Script(wrapped, { filename: 'istioctl.cjs' }).runInThisContext() as Program;
  return compiled;
}

/**
 * Runs the stand-in for istioctl in this process: a process of its own takes longer to start than all the rest of a story.
 * It sends the same requests, through the Action's relay, so the fence holds. What ends it lets none of its requests out
 * any more.
 */
export const standInRunner: CommandRunner = { run };

async function run(spec: CommandSpec): Promise<CommandResult> {
  const startedAt = performance.now();
  const output = { stdout: '', stderr: '' };
  const version = versionOf(spec.file);
  if (version === '') throw new Error(`${spec.file} is no stand-in for istioctl`);
  const ended = new AbortController();
  const say =
    (name: StreamName) =>
    (text: string): void => {
      output[name] += text;
      for (const line of text.split('\n').filter((part) => part !== '')) spec.onLine?.(name, line);
    };
  const process: Process = {
    argv: ['node', 'istioctl', version, ...spec.args],
    env: spec.env,
    stdout: { write: say('stdout') },
    stderr: { write: say('stderr') },
  };
  const module = { exports: {} };
  const begun = program(version)(requireFor(ended.signal), module, module.exports, process).then(
    () => 'ended' as const,
  );
  const timer = Promise.withResolvers<'timeout'>();
  const timeout = setTimeout(() => timer.resolve('timeout'), spec.timeoutMs);
  const aborted = Promise.withResolvers<'abort'>();
  const onAbort = (): void => aborted.resolve('abort');
  if (spec.signal?.aborted === true) onAbort();
  spec.signal?.addEventListener('abort', onAbort);
  const how = await Promise.race([begun, timer.promise, aborted.promise]);
  clearTimeout(timeout);
  spec.signal?.removeEventListener('abort', onAbort);
  if (how !== 'ended') ended.abort();
  return {
    code: how === 'ended' ? (process.exitCode ?? 0) : null,
    signal: how === 'ended' ? null : 'SIGKILL',
    ...output,
    timedOut: how === 'timeout',
    aborted: how === 'abort',
    truncated: false,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** By the path where somebody's istioctl would be, or by the second line of the program itself. */
function versionOf(file: string): string {
  const [, byPath] = /istioctl[\\/](\d+\.\d+\.\d+)[\\/]/.exec(file) ?? [];
  if (byPath !== undefined) return byPath;
  const [, said = ''] = / "\$0" (\d+\.\d+\.\d+) "\$@"\n/.exec(readFileSync(file, 'utf8')) ?? [];
  return said;
}

const requireHere = createRequire(import.meta.url);

/** Whoever is ended sends nothing more, and what it has under way is cut. */
function requireFor(ended: AbortSignal): (name: string) => unknown {
  const request = (...args: unknown[]): unknown => {
    ended.throwIfAborted();
    const sent = (https.request as (...args: unknown[]) => ReturnType<typeof https.request>)(...args);
    ended.addEventListener('abort', () => sent.destroy(new Error('ended')), { once: true });
    return sent;
  };
  return (name) =>
    /^(node:)?https$/.test(name) ? { ...https, default: https, request } : (requireHere(name) as unknown);
}
