import { appendFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from '../test/crash/ledger.ts';
import { random } from '../test/crash/point.ts';
import { type Disturbance, soak } from '../test/crash/soak.ts';
import { Stage } from '../test/crash/stage.ts';
import { SOAK } from './reliability.ts';

/**
 * `npm run soak -- --seed N`: cancels and kills phases at random moments, one after the other, on a testbed of its own.
 * The same seed draws the same phases and moments.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cancellations: { type: 'string', default: '200' },
    kills: { type: 'string', default: '200' },
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
say(`seed ${String(seed)}: ${String(plan.length)} rounds`);
const stage = new Stage(`sc-soak-p${String(process.pid)}`);
stage.closeOnSignals();
let rounds = 0;
let failed = 0;
try {
  await stage.open(['removal']);
  await stage.begin('canary');
  for await (const { story, disturbance, after, outcome, problems } of soak(stage, plan, seed)) {
    rounds++;
    if (problems.length > 0) failed++;
    appendFileSync(
      SOAK,
      `${JSON.stringify({ build, seed, story, disturbance, after, outcome, problems })}\n`,
    );
    const ending = outcome === '' ? 'killed' : outcome;
    say(
      `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${String(rounds)} ${story}, ${disturbance} after ${String(after)} ms: ${[ending, ...problems].join('; ')}`,
    );
  }
} finally {
  await stage.close();
}
say(
  `${String(rounds)} rounds (seed ${String(seed)}): ${String(failed)} with a lost original, a lock left, or a success that was none`,
);
process.exitCode = failed === 0 && rounds === plan.length ? 0 : 1;
