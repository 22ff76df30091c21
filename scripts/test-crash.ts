import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GROUNDS, type Ground, type GroundKind } from '../test/crash/ground.ts';
import { EmbeddedGround } from '../test/crash/grounds/embedded.ts';
import { TestbedGround } from '../test/crash/grounds/testbed.ts';
import { Ledger, buildOf } from '../test/crash/ledger.ts';
import {
  MESHES,
  type Point,
  STORIES,
  type StoryName,
  keyOf,
  sample,
  storiesOf,
} from '../test/crash/point.ts';
import { Stage, closeOnSignals } from '../test/crash/stage.ts';
import { tryPoint } from '../test/crash/trial.ts';
import { DOCUMENT, EMBEDDED_LEDGER, LEDGER, reliability } from './reliability.ts';

/**
 * `npm run test:crash`: every write of every phase, interrupted in every way, and what comes after. It can be stopped and
 * goes on where it was, in several shards at once: `-- --shard 1/2`, `--story canary`, `--sample 20 --seed 7`, `--minutes 30`.
 * Results of another build do not count: `--anew` drops them. `--on embedded` plays it in seconds a point, by stand-ins.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    story: { type: 'string', multiple: true, default: Object.keys(STORIES) },
    on: { type: 'string', default: GROUNDS[0] },
    shard: { type: 'string', default: '1/1' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    anew: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '600' },
    ledger: { type: 'string' },
  },
});
const stories = values.story as StoryName[];
const on = GROUNDS.find((kind) => kind === values.on);
if (on === undefined) throw new Error(`--on takes ${GROUNDS.join(' or ')}`);
const kept = on === 'embedded' ? EMBEDDED_LEDGER : LEDGER;
const path = values.ledger ?? kept;
const [shard = 1, shards = 1] = values.shard.split('/').map(Number);
const until = Date.now() + Number(values.minutes) * 60_000;
const say = (line: string): void => console.log(line);

function mine(points: readonly Point[]): Point[] {
  const chosen =
    values.sample === undefined ? points : sample(points, Number(values.sample), Number(values.seed));
  return chosen.filter((_, index) => index % shards === shard - 1);
}

function groundOf(kind: GroundKind, mesh: string): Ground {
  const name = `sc-crash-p${String(process.pid)}-${mesh.replaceAll(' ', '-')}`;
  return kind === 'embedded' ? new EmbeddedGround() : new TestbedGround(name);
}

if (values.anew) rmSync(path, { force: true });
const ledger = new Ledger(path, buildOf(`${root}dist`));
// A stage copies the Action, and takes the copy away when it closes: none is made that has no story.
const stages = MESHES.flatMap((mesh) => {
  const mine = storiesOf(mesh).filter((name) => stories.includes(name));
  return mine.length === 0 ? [] : [{ stage: new Stage(groundOf(on, mesh), mesh), stories: mine }];
});
closeOnSignals(stages.map(({ stage }) => stage));

async function tryStory(stage: Stage, story: StoryName): Promise<void> {
  const writes = await stage.writesOf(story);
  if (ledger.writesOf(story) === undefined) ledger.noteWrites(story, writes);
  const known = ledger.results();
  const todo = mine(ledger.points([story])).filter((point) => known.get(keyOf(point))?.ok !== true);
  say(`${story}: ${String(writes.length)} writes, ${String(todo.length)} points to try`);
  for (const point of todo) {
    if (Date.now() > until) break;
    const startedAt = Date.now();
    const verdict = await tryPoint(stage, point);
    ledger.note(point, verdict, Date.now() - startedAt);
    say(`${verdict.ok ? 'ok  ' : 'FAIL'} ${keyOf(point)} (${verdict.at ?? '-'}): ${verdict.detail}`);
  }
}

for (const { stage, stories } of stages) {
  try {
    await stage.open(stories);
    for (const story of stories) await tryStory(stage, story);
  } finally {
    await stage.close();
  }
}
const points = ledger.points(Object.keys(STORIES) as StoryName[]);
const results = ledger.results();
const run = points.filter((point) => results.has(keyOf(point)));
const failed = run.filter((point) => results.get(keyOf(point))?.ok !== true);
say(
  `build ${ledger.build}: ${String(run.length)} of ${String(points.length)} points run, ${String(failed.length)} failed`,
);
if (path === kept) writeFileSync(`${root}${DOCUMENT}`, reliability());
process.exitCode = failed.length === 0 ? 0 : 1;
