import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from '../test/crash/ledger.ts';
import { readLedger } from '../test/meshes/ledger.ts';
import { play } from '../test/meshes/play.ts';
import { repeatOf } from '../test/meshes/repeat.ts';
import type { Repeated } from '../test/meshes/repeated.ts';
import { storyOf } from '../test/meshes/story.ts';
import { startWithoutShop } from '../test/suite/clusters/testbed.ts';
import { play as playScenario } from '../test/suite/play.ts';
import { REPEATED } from './reliability.ts';

/**
 * `npm run meshes:testbed -- --seed N --runs M`: plays generated stories on the embedded cluster, and then on the testbed
 * with the built Action and real istioctl: each run must end the same way (outcome, state, errors). Goes on where it
 * stopped; `--anew` begins again. Ends with 1 where one went another way.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '100' },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
    anew: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const build = buildOf(fileURLToPath(new URL('../dist', import.meta.url)));
const done = readLedger<Repeated>(REPEATED).filter(
  (one) => !values.anew && values.only === undefined && one.build === build && one.seed === seed,
);
let index = values.only === undefined ? 0 : Number(values.only);
let left = values.only === undefined ? Number(values.runs) - done.filter(({ same }) => same).length : 1;

/** One after the other, until enough are there. */
async function lane(): Promise<void> {
  while (left > 0) {
    const mine = index++;
    if (done.some((one) => one.index === mine)) continue;
    const story = storyOf(seed, mine);
    const told = await play({ ...story, engine: 'sources' });
    const repeat = repeatOf(story, told.ends);
    if ('why' in repeat || told.found.length > 0) {
      console.log(`  ${String(mine)}: ${'why' in repeat ? repeat.why : 'it breaks a rule'}`);
      continue;
    }
    left -= 1;
    const cluster = await startWithoutShop(story.form);
    try {
      const { problems, durationMs } = await playScenario(repeat.scenario, cluster, false);
      const same = problems.length === 0;
      if (!same) process.exitCode = 1;
      console.log(
        `${same ? '✓' : '✗'} ${String(mine)} (${story.form}; ${story.features.join(', ')}; ${String(Math.round(durationMs / 1000))} s)`,
        same ? '' : `\n${told.lines.join('\n')}\n${problems.join('\n')}`,
      );
      const line: Repeated = { build, seed, index: mine, same, features: story.features };
      if (values.only === undefined) appendFileSync(REPEATED, `${JSON.stringify(line)}\n`);
    } finally {
      await cluster.close();
    }
  }
}

await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
process.exit();
