import { describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandNotRunnable, type CommandSpec, processRunner } from '../../../src/process/command.ts';
import { scratch } from '../../support/scratch.ts';

/** Runs a script in a Node of its own. */
function node(script: string, spec: Partial<CommandSpec> = {}) {
  const env = { PATH: process.env.PATH ?? '' };
  return processRunner.run({ file: process.execPath, args: ['-e', script], env, timeoutMs: 20_000, ...spec });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A child of a dead parent may wait for its burial by init.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (condition()) return true;
    await sleep(50);
  }
  return false;
}

const STUBBORN = `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); setInterval(() => {}, 1000);`;

describe('running a command', () => {
  test('gives exit code and both streams', async () => {
    const result = await node(`console.log('out'); console.error('err'); process.exitCode = 3`);
    expect(result).toMatchObject({ code: 3, signal: null, stdout: 'out\n', stderr: 'err\n' });
    expect(result).toMatchObject({ timedOut: false, aborted: false, truncated: false });
    expect(result.durationMs).toBeGreaterThan(0);
  });

  test('passes arguments as they are: no shell', async () => {
    const odd = '$(touch /tmp/x) "a" \'b\' ;|& *';
    const result = await node('process.stdout.write(process.argv[1])', {
      args: ['-e', 'process.stdout.write(process.argv[1])', odd],
    });
    expect(result.stdout).toBe(odd);
  });

  test('gives the child nothing but the environment it is told', async () => {
    process.env.COMMAND_TEST_SECRET = 'x';
    const result = await node('process.stdout.write(JSON.stringify(process.env))');
    delete process.env.COMMAND_TEST_SECRET;
    expect(JSON.parse(result.stdout)).not.toHaveProperty('COMMAND_TEST_SECRET');
  });

  test('answers a read of stdin with its end, so that a prompt is declined', async () => {
    const result = await node(`process.stdin.on('end', () => console.log('end')).resume()`);
    expect(result).toMatchObject({ code: 0, stdout: 'end\n' });
  });

  test('gives out whole lines, the last one too, and keeps characters whole', async () => {
    const lines: string[] = [];
    const script = `const b = Buffer.from('a✔b\\r\\nlast'); process.stdout.write(b.subarray(0, 2));
      setTimeout(() => process.stdout.write(b.subarray(2)), 100)`;
    await node(script, { onLine: (stream, line) => lines.push(`${stream}: ${line}`) });
    expect(lines).toEqual(['stdout: a✔b', 'stdout: last']);
  });

  test('is not disturbed by a listener that throws', async () => {
    const onLine = (): void => {
      throw new Error('a log that is closed');
    };
    expect(await node(`console.log('a'); console.log('b')`, { onLine })).toMatchObject({
      code: 0,
      stdout: 'a\nb\n',
    });
  });

  test('keeps only the end of huge output, and says so', async () => {
    const script = `for (let i = 0; i < 4000; i++) process.stdout.write('x'.repeat(1023) + '\\n'); process.stdout.write('END')`;
    const result = await node(script, { maxBytes: 10_000 });
    expect(result.truncated).toBe(true);
    expect(Buffer.byteLength(result.stdout)).toBe(10_000);
    expect(result.stdout.endsWith('x\nEND')).toBe(true);
  });

  test('tells a missing and a non-executable program from one that fails', async () => {
    const dir = scratch('command');
    const file = join(dir, 'plain');
    writeFileSync(file, 'text');
    const run = (path: string) => processRunner.run({ file: path, args: [], env: {}, timeoutMs: 1000 });
    await expect(run(join(dir, 'none'))).rejects.toThrow(/cannot run .*none: there is no such file/);
    await expect(run(file)).rejects.toThrow(/not executable/);
    await expect(run(file)).rejects.toBeInstanceOf(CommandNotRunnable);
    await expect(run(file)).rejects.toMatchObject({ remedy: expect.stringContaining('chmod') });
  });
});

describe('ending a command', () => {
  test('at its deadline, with SIGTERM', async () => {
    const result = await node(`console.log('begun'); setInterval(() => {}, 1000)`, { timeoutMs: 1000 });
    expect(result).toMatchObject({ code: null, signal: 'SIGTERM', timedOut: true, aborted: false });
    expect(result.stdout).toBe('begun\n');
    expect(result.durationMs).toBeLessThan(4000);
  });

  test('with SIGKILL 5 s later, where it does not listen', async () => {
    const result = await node(STUBBORN, { timeoutMs: 500 });
    expect(result).toMatchObject({ signal: 'SIGKILL', timedOut: true });
    expect(result.durationMs).toBeGreaterThan(5000);
    expect(result.durationMs).toBeLessThan(8000);
  }, 15_000);

  test('with what it started', async () => {
    const script = `const {spawn} = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], {stdio: 'inherit'});
      console.log(child.pid); setInterval(() => {}, 1000)`;
    const result = await node(script, { timeoutMs: 1000 });
    const pid = Number(result.stdout);
    expect(pid).toBeGreaterThan(0);
    expect(await until(() => !isAlive(pid))).toBe(true);
  });

  test('when the caller says so, with SIGINT', async () => {
    const controller = new AbortController();
    const onLine = (): void => controller.abort();
    const script = `process.on('SIGINT', () => { console.log('interrupted'); process.exit(7) });
      console.log('begun'); setInterval(() => {}, 1000)`;
    const result = await node(script, { signal: controller.signal, onLine });
    expect(result).toMatchObject({ code: 7, stdout: 'begun\ninterrupted\n', aborted: true, timedOut: false });
  });

  test('before it begins, where the caller said so already', async () => {
    const file = join(scratch('command'), 'made');
    const script = `require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`;
    expect(await node(script, { signal: AbortSignal.abort() })).toMatchObject({ code: null, aborted: true });
    expect(() => readFileSync(file)).toThrow();
  });

  test('does not wait for a process that it left behind with the pipes open', async () => {
    const script = `const {spawn} = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)'], {stdio: 'inherit', detached: true});
      console.log(child.pid); child.unref(); process.exit(0)`;
    const result = await node(script);
    process.kill(Number(result.stdout), 'SIGKILL');
    expect(result).toMatchObject({ code: 0, timedOut: false });
    expect(result.durationMs).toBeLessThan(6000);
  });

  test('when we end ourselves: a child does not outlive us', async () => {
    const module = join(import.meta.dirname, '../../../src/process/command.ts');
    const script = `const { processRunner } = await import(${JSON.stringify(module)});
      const onLine = (_, pid) => { console.log(pid); process.exit(0); };
      processRunner.run({ file: process.execPath, args: ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
        env: {}, timeoutMs: 60000, onLine })`;
    const result = await node('', { args: ['--input-type=module', '-e', script] });
    const pid = Number(result.stdout);
    expect(pid).toBeGreaterThan(0);
    expect(await until(() => !isAlive(pid))).toBe(true);
  });

  test('leaves no listener behind', async () => {
    const before = process.listenerCount('exit');
    await node('');
    expect(process.listenerCount('exit')).toBe(before);
  });
});
