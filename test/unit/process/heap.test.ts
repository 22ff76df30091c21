import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HEAP = fileURLToPath(new URL('../../../src/process/heap.ts', import.meta.url));

/** @returns how large the space for what is young has been at most, in MB, in a Node that reads 200 pages of a list */
function mostOf(prelude: string): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    ${prelude}
    const page = JSON.stringify(Array.from({ length: 5000 }, (_, at) => ({ name: 'pod-' + at, labels: { app: 'a' + at } })));
    const held = [];
    let most = 0;
    for (let at = 0; at < 200; at += 1) {
      held[at % 10] = JSON.parse(page);
      most = Math.max(most, getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size);
    }
    console.log(most / 2 ** 20);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

test('what is read and let go does not make the heap grow', () => {
  const keeping = mostOf(`const { keepHeapSmall } = await import(${JSON.stringify(HEAP)}); keepHeapSmall();`);
  expect(keeping).toBeGreaterThan(0);
  expect(keeping).toBeLessThan(mostOf('') / 4);
});
