import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../scripts/meshes.ts', import.meta.url));
/** None where nobody asks for it, until all that it still finds is mended. */
const MINUTES = Number(process.env.MESHES_MINUTES ?? '0');
/** Each time another one; the script prints it, so that what it finds can be found again. */
const SEED = process.env.MESHES_SEED ?? String(Date.now() % 1_000_000);

test('cases with somebody in the middle of a run (docs/hazards.md)', () => {
  expect(tell(['--pinned'])).toEqual({ status: 0, said: '' });
}, 600_000);

if (MINUTES > 0)
  test(
    `no generated story breaks a rule (seed ${SEED}, ${String(MINUTES)} min)`,
    () => {
      const args = ['--seed', SEED, '--runs', '100000', '--minutes', String(MINUTES)];
      expect(tell(args)).toEqual({ status: 0, said: '' });
    },
    // What is found in the last moment is shrunk, too.
    (MINUTES + 10) * 60_000,
  );

/** Told whole where it failed, so that the story that is printed can be read in the log. */
function tell(args: readonly string[]): { status: number | null; said: string } {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, said: status === 0 ? '' : `${stdout}\n${stderr}` };
}
