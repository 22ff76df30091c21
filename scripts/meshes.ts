import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from '../test/crash/ledger.ts';
import { FEATURES, type FeatureName } from '../test/meshes/features.ts';
import { countsOf, record } from '../test/meshes/ledger.ts';
import { PINNED, tellPinned } from '../test/meshes/pinned.ts';
import { type Line, tell } from '../test/meshes/tell.ts';
import { MESHES } from './reliability.ts';

/**
 * `npm run meshes -- --seed N --runs M`: tells M stories of generated meshes, in some processes; `--replay SEED:INDEX` tells
 * one again, `--pinned` the cases that docs/hazards.md names, `--minutes` ends after a time, `--until-broken` with
 * the first story that breaks a rule, `--record` keeps the counts for docs/reliability.md. Ends with 1 where a rule
 * was broken, or a story could not be played.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '100' },
    minutes: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    'only-feature': { type: 'string', multiple: true, default: [] },
    replay: { type: 'string' },
    'until-broken': { type: 'boolean', default: false },
    pinned: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
    // Of the processes that this one starts.
    lane: { type: 'string' },
    after: { type: 'string', default: '0' },
  },
});

const only = values['only-feature'].map((name) => {
  if (!Object.hasOwn(FEATURES, name))
    throw new Error(`there is no feature ${name}: ${Object.keys(FEATURES).join(', ')}`);
  return name as FeatureName;
});
const [seed, single] = (values.replay ?? values.seed).split(':').map(Number);
if (seed === undefined || !Number.isInteger(seed)) throw new Error('the seed is no whole number');
const jobs = values.replay === undefined ? Number(values.jobs) : 1;
const deadline = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const indexes =
  single === undefined ? Array.from({ length: Number(values.runs) }, (_, index) => index) : [single];

/** So many stories are told of at once while they are played. */
const TELL_EVERY = 250;

/** One process plays so many, and another one goes on: what killed runs leave in its memory goes with it. */
const OF_A_PROCESS = 100;

function storiesOf(mine: number): number[] {
  return indexes.filter((index) => index % jobs === mine % jobs || single !== undefined);
}

/** Stories of one lane, each told to the parent: so many, after those that its earlier processes have played. */
async function lane(mine: number, after: number): Promise<void> {
  const known = new Set<string>();
  process.once('disconnect', () => process.exit(1));
  process.on('message', (rule: string) => known.add(rule));
  for (const index of storiesOf(mine).slice(after, after + OF_A_PROCESS)) {
    if (Date.now() > deadline) break;
    const line = await tell(seed ?? 0, index, only, (rule) => !values['no-shrink'] && !known.has(rule));
    line.rules.forEach((rule) => known.add(rule));
    await new Promise((resolve) => process.send?.(line, resolve));
  }
  // What of killed runs is still about in this process does not matter any more.
  process.exit(0);
}

async function all(): Promise<void> {
  console.log(`seed ${String(seed)}`);
  const lines: Line[] = [];
  const playing = new Set<ChildProcess>();
  let isOver = false;
  const startedAt = Date.now();

  /** @returns whether it died of itself */
  const played = (mine: number, after: number): Promise<boolean> => {
    const child = fork(fileURLToPath(import.meta.url), [
      ...process.argv.slice(2),
      `--lane=${String(mine)}`,
      `--after=${String(after)}`,
      ...(values.replay === undefined ? [`--seed=${String(seed)}`] : []),
    ]);
    playing.add(child);
    for (const rule of new Set(lines.flatMap(({ rules }) => rules))) child.send(rule);
    child.on('message', (line: Line) => {
      lines.push(line);
      if (lines.length % TELL_EVERY === 0) console.log(`${String(lines.length)} stories`);
      if (line.words !== '') console.log(line.words);
      if (line.unplayed !== undefined) console.log(`\nCould not be played:${line.unplayed}`);
      if (values['until-broken'] && line.rules.length > 0) playing.forEach((one) => one.kill());
      for (const other of playing)
        if (other !== child && other.connected) line.rules.forEach((rule) => other.send(rule));
    });
    return new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        playing.delete(child);
        isOver ||= signal === 'SIGTERM';
        resolve(code !== 0 && signal !== 'SIGTERM');
      }),
    );
  };
  const died = await Promise.all(
    Array.from({ length: jobs }, async (_, mine) => {
      for (let after = 0; after < storiesOf(mine).length; after += OF_A_PROCESS) {
        if (isOver || Date.now() > deadline) return false;
        if (await played(mine, after)) return true;
      }
      return false;
    }),
  );
  const violations = countsOf(lines.flatMap(({ rules }) => rules));
  const ingredients = countsOf(lines.flatMap((line) => line.ingredients));
  const unplayed = lines.filter((line) => line.unplayed !== undefined).length;
  console.log(`\nStories with it:`);
  for (const [name, count] of Object.entries(ingredients))
    console.log(`  ${String(count).padStart(5)} ${name}`);
  console.log(`Stories that broke a rule:`);
  for (const [name, count] of Object.entries(violations))
    console.log(`  ${String(count).padStart(5)} ${name}`);
  const broken = lines.filter(({ rules }) => rules.length > 0).length;
  console.log(
    `\nseed ${String(seed)}: ${String(lines.length)} stories in ${String(Math.round((Date.now() - startedAt) / 1000))} s, ${String(broken)} broke a rule, ${String(unplayed)} could not be played`,
  );
  if (values.record) {
    const build = buildOf(fileURLToPath(new URL('../dist', import.meta.url)));
    record(MESHES, { build, seed: seed ?? 0, stories: lines.length, ingredients, violations, unplayed });
  }
  if (died.includes(true)) console.log('A process died.');
  process.exitCode = broken + unplayed > 0 || died.includes(true) ? 1 : 0;
}

async function pinned(): Promise<void> {
  for (const one of PINNED) {
    const words = await tellPinned(one);
    console.log(words === '' ? `✓ ${one.id}: ${one.shows}` : words);
    if (words !== '') process.exitCode = 1;
  }
  process.exit();
}

if (values.pinned) await pinned();
else await (values.lane === undefined ? all() : lane(Number(values.lane), Number(values.after)));
