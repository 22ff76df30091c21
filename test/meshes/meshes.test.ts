import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../scripts/meshes.ts', import.meta.url));
const MINUTES = Number(process.env.MESHES_MINUTES ?? '2');
/** Each time another one; the script prints it, so that what it finds can be found again. */
const SEED = process.env.MESHES_SEED ?? String(Date.now() % 1_000_000);

test(
  `no generated story breaks a rule (seed ${SEED}, ${String(MINUTES)} min)`,
  () => {
    const args = [SCRIPT, '--seed', SEED, '--runs', '100000', '--minutes', String(MINUTES)];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    // Told whole, so that the story that is printed can be read where the test failed.
    expect({ status, said: status === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ status: 0, said: '' });
  },
  // What is found in the last moment is shrunk, too.
  (MINUTES + 10) * 60_000,
);
