import { appendFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from '../test/crash/ledger.ts';
import { random } from '../test/crash/point.ts';
import { TestbedGround } from '../test/crash/grounds/testbed.ts';
import { type Disturbance, soak } from '../test/crash/soak.ts';
import { Stage, closeOnSignals } from '../test/crash/stage.ts';
import { SOAK } from './reliability.ts';

/**
 * `npm run soak -- --seed N`: cancels and kills phases at random moments, one after the other, in each of some lanes,
 * which have a testbed of their own. The same seed and number of lanes draw the same phases and moments.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cancellations: { type: 'string', default: '200' },
    kills: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed);
const say = (line: string): void => console.log(line);

function planOf(cancellations: number, kills: number): Disturbance[] {
  const plan = [
    ...Array.from({ length: cancellations }, (): Disturbance => 'cancel'),
    ...Array.from({ length: kills }, (_, i): Disturbance => (i % 2 === 0 ? 'kill alone' : 'kill tree')),
  ];
  const next = random(seed);
  return plan
    .map((item) => [next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

const build = buildOf(fileURLToPath(new URL('../dist', import.meta.url)));
rmSync(SOAK, { force: true }); // a soak is one run, from its beginning
const plan = planOf(Number(values.cancellations), Number(values.kills));
const lanes = Number(values.lanes);
say(`seed ${String(seed)}: ${String(plan.length)} rounds in ${String(lanes)} lanes`);
let rounds = 0;
let struck = 0;
let failed = 0;

async function soakIn(stage: Stage, lane: number): Promise<void> {
  await stage.open(['removal']);
  await stage.writesOf('rollback'); // tells how long it takes
  await stage.begin('canary');
  const mine = plan.filter((_, index) => index % lanes === lane);
  for await (const round of soak(stage, mine, seed * lanes + lane)) {
    const { story, disturbance, after, outcome, problems } = round;
    rounds++;
    if (round.struck) struck++;
    if (problems.length > 0) failed++;
    appendFileSync(SOAK, `${JSON.stringify({ build, seed, lane, ...round })}\n`);
    const ending = outcome === '' ? 'killed' : outcome;
    say(
      `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${String(rounds)} ${story}, ${disturbance} after ${String(after)} ms: ${[ending, ...problems].join('; ')}`,
    );
  }
}

const stages = Array.from(
  { length: lanes },
  (_, lane) => new Stage(new TestbedGround(`sc-soak${String(lane)}-p${String(process.pid)}`)),
);
closeOnSignals(stages);
try {
  await Promise.all(stages.map(soakIn));
} finally {
  await Promise.all(stages.map((stage) => stage.close()));
}
say(
  `${String(struck)} of ${String(plan.length)} runs disturbed in ${String(rounds)} rounds (seed ${String(seed)}): ${String(failed)} with a lost original, a lock left, or a success that was none`,
);
process.exitCode = failed === 0 && struck === plan.length ? 0 : 1;
