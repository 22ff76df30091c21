import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { peakKb } from '../../../src/process/peak.ts';

const PEAK = fileURLToPath(new URL('../../../src/process/peak.ts', import.meta.url));

test('the most memory is that of this process, not of the one that has started it', () => {
  const own = `const { peakKb } = await import(${JSON.stringify(PEAK)}); console.log(peakKb());`;
  const parent = `
    import { execFileSync } from 'node:child_process';
    const held = Buffer.alloc(300 * 2 ** 20, 1);
    const args = ['--input-type=module', '-e', ${JSON.stringify(own)}];
    process.stdout.write(execFileSync(process.execPath, args));
    if (held.length === 0) throw new Error();`;
  const told = Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', parent], { encoding: 'utf8' }),
  );
  expect(told).toBeGreaterThan(20 * 1024);
  expect(told).toBeLessThan(200 * 1024);
});

test('it is at least what the process has now', () => {
  expect(peakKb() * 1024).toBeGreaterThanOrEqual(process.memoryUsage.rss() / 2);
});
