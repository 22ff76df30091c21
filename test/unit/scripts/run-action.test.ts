import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, runAction } from '../../../scripts/run-action.ts';
import { scratch } from '../../support/scratch.ts';

/** A directory like dist, with programs that use the runner's means by hand. */
function dist(main: string, post = ''): string {
  const directory = scratch('run-action-test');
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  const means = `import { appendFileSync, mkdirSync, writeFileSync, rmSync } from 'node:fs'; const { env } = process;\n`;
  writeFileSync(join(directory, 'main.js'), means + main);
  writeFileSync(join(directory, 'post.js'), means + post);
  return directory;
}

const inputs = { phase: 'precheck', 'dry-run': 'true' };

describe('runAction', () => {
  test('hands over inputs and gives back what the run has left', async () => {
    const lines: string[] = [];
    const result: RunResult = await runAction({
      inputs,
      env: { EXTRA: 'extra', HOME: undefined },
      onLine: (line) => lines.push(line),
      dist: dist(
        `console.log('::add-mask::hunter2'); console.log('the password is hunter2');
         console.error(JSON.stringify([env['INPUT_DRY-RUN'], env.INPUT_TIMEOUT, env.EXTRA, env.HOME, env.NODE_OPTIONS]));
         const temp = env.RUNNER_TEMP + '/istio-upgrade-x';
         appendFileSync(env.GITHUB_STATE, 'tempDirectory<<X\\n' + temp + '\\nX\\n');
         mkdirSync(temp); writeFileSync(temp + '/report.json', '{"schemaVersion":1}');
         appendFileSync(env.GITHUB_OUTPUT, 'report<<X\\n' + temp + '/report.json\\nX\\noutcome<<X\\nfailed\\nX\\n');
         writeFileSync(env.GITHUB_STEP_SUMMARY, '# all');
         process.exitCode = 1;`,
        `rmSync(env.STATE_tempDirectory, { recursive: true }); console.log('cleaned'); writeFileSync(env.RUNNER_TEMP + '/left', '');`,
      ),
    });
    expect(result).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failed' },
      summary: '# all',
      stdout: 'the password is hunter2',
      stderr: '["true","30m","extra",null,null]',
      report: { schemaVersion: 1 },
      masks: ['hunter2'],
      post: { exitCode: 0, stdout: 'cleaned' },
      leftovers: ['left'],
    });
    expect(lines.sort()).toEqual(['["true","30m","extra",null,null]', 'cleaned', 'the password is ***']);
  });

  test('cancels as the runner does, and runs post all the same', async () => {
    const controller = new AbortController();
    const result = await runAction({
      inputs,
      signal: controller.signal,
      onLine: () => {
        controller.abort();
      },
      dist: dist(
        `process.on('SIGINT', () => { console.log('interrupted'); process.exit(130); });
         console.log('waiting'); setInterval(() => {}, 1000);`,
        `console.log('post');`,
      ),
    });
    expect(result).toMatchObject({
      exitCode: 130,
      stdout: 'waiting\ninterrupted',
      post: { exitCode: 0, stdout: 'post' },
    });
  });

  test('a child that outlives a killed run is not waited for', async () => {
    const started = Date.now();
    let group = 0;
    const result = await runAction({
      inputs,
      dist: dist(
        `import { spawn } from 'node:child_process';
         spawn('sleep', ['20'], { stdio: 'inherit' });
         setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200); setInterval(() => {}, 1000);`,
      ),
      onStart: (pid) => {
        group = pid;
      },
    });
    process.kill(-group, 'SIGKILL');
    expect(result.exitCode).toBeNull();
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test('an input that does not exist is an error', async () => {
    await expect(runAction({ inputs: { phsae: 'x' }, dist: dist('') })).rejects.toThrow(
      'no such input: phsae',
    );
  });

  test('without dist it says how to build it', async () => {
    await expect(runAction({ inputs, dist: '/nowhere' })).rejects.toThrow('npm run build');
  });
});
