import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readLedger } from '../test/meshes/ledger.ts';
import { MESH_MUTANTS } from '../test/mutants/mesh-mutants.ts';
import { copyOfRepository, mutate } from './mutated-copy.ts';
import { MESHES_NOTICED, type NoticedByMeshes } from './reliability.ts';

/**
 * `npm run meshes:mutants -- --seed N`: takes one protection after the other out of a copy of the repository, and plays
 * generated stories of its sources until one breaks a rule. How many that took is kept in docs/reliability.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '4' },
    only: { type: 'string', multiple: true },
    // Soon seen, and no measure of how many stories it takes: it is not kept.
    'only-feature': { type: 'string', multiple: true, default: [] },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const copy = copyOfRepository(root);
try {
  for (const mutant of MESH_MUTANTS.filter(
    ({ id }) => values.only === undefined || values.only.includes(id),
  )) {
    const heal = mutate(copy, mutant);
    const { seed, runs, jobs } = values;
    const features = values['only-feature'].flatMap((name) => ['--only-feature', name]);
    const args = ['--seed', seed, '--runs', runs, '--jobs', jobs, '--until-broken', '--no-shrink'];
    const { stdout } = spawnSync(process.execPath, ['scripts/meshes.ts', ...args, ...features], {
      cwd: copy,
      encoding: 'utf8',
    });
    heal();
    const stories = Number(/: (\d+) stories in/.exec(stdout)?.[1] ?? '0');
    const rules = [...new Set([...stdout.matchAll(/^ +✘ ([a-z-]+):/gm)].map(([, rule = '']) => rule))];
    console.log(
      `${rules.length > 0 ? 'found   ' : 'NOT FOUND'} ${mutant.id}: ${String(stories)} stories; ${rules.join(', ')}`,
    );
    if (rules.length === 0) process.exitCode = 1;
    if (features.length === 0) keep({ id: mutant.id, seed: Number(seed), stories, rules });
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** Kept after each, so that what was seen is not lost with the rest. */
function keep(noticed: NoticedByMeshes): void {
  const kept = new Map([...readLedger<NoticedByMeshes>(MESHES_NOTICED), noticed].map((one) => [one.id, one]));
  const lines = MESH_MUTANTS.flatMap(({ id }) => kept.get(id) ?? []).map((one) => JSON.stringify(one));
  writeFileSync(MESHES_NOTICED, `${lines.join('\n')}\n`);
}
