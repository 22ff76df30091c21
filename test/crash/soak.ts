import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult } from '../../scripts/run-action.ts';
import { type Observation, differences } from './observation.ts';
import { STORIES, type StoryName, random } from './point.ts';
import { descendantsOf, killAll, untilEnded } from './processes.ts';
import type { Stage } from './stage.ts';

/** How a run is disturbed: cancelled as the runner does, or killed alone or with all it started. */
export type Disturbance = 'cancel' | 'kill alone' | 'kill tree';

/** What happened in one round, and what was wrong with it. */
export interface Round {
  readonly story: StoryName;
  readonly disturbance: Disturbance;
  /** Milliseconds after the start of the run. */
  readonly after: number;
  /** Empty where the run was killed. */
  readonly outcome: string;
  readonly problems: readonly string[];
}

/** Cancelled, a run has 7.5 s until SIGTERM (design: all is written within 7 s); the process must then be gone. */
const CANCELLED_WITHIN_MS = 7_000;
/** A phase on the small mesh takes about this long. */
const SPAN_MS = 12_000;
/** How the mesh must look in a state that a run says it has reached; and which phases are natural from there. */
const STATES: Readonly<
  Record<string, { readonly end: StoryName | 'fresh'; readonly onwards: readonly StoryName[] }>
> = {
  none: { end: 'fresh', onwards: ['canary'] },
  'rolled-back': { end: 'fresh', onwards: ['canary'] },
  canary: { end: 'canary', onwards: ['promote', 'promote', 'rollback'] },
  promoted: { end: 'promote', onwards: ['rollback'] },
};
/** From the middle of something: either way. */
const ANYWHERE: readonly StoryName[] = ['canary', 'promote', 'rollback'];

/**
 * Disturbs phases at random moments, one after the other, whatever the last one left: with no lost original, no lock left
 * for ever, and no success that is none.
 *
 * @param plan the disturbances in order
 */
export async function* soak(stage: Stage, plan: readonly Disturbance[], seed: number): AsyncGenerator<Round> {
  const next = random(seed);
  const choose = (of: readonly StoryName[]): StoryName => of[Math.floor(next() * of.length)] ?? 'canary';
  let state = 'none';
  for (const disturbance of plan) {
    const story = choose(STATES[state]?.onwards ?? ANYWHERE);
    const after = Math.round(next() * SPAN_MS);
    const { run, problems } = await disturbed(stage, story, disturbance, after);
    problems.push(...lostOriginals(await stage.observe(), stage.endOf('fresh')));
    problems.push(...(await falseSuccess(stage, run)));
    yield { story, disturbance, after, outcome: run.outputs.outcome ?? '', problems };
    state = reached(run);
    // Half of the time the next one begins in the mess that this one left; else that is first brought to an end.
    if (state === '' && next() < 0.5) state = reached(await stage.run(requestOf(choose(ANYWHERE))));
  }
}

/** The state in which a run that claims success left the mesh; empty for any other. */
function reached({ outputs }: RunResult): string {
  const claims = ['succeeded', 'rolled-back', 'no-changes'].includes(outputs.outcome ?? '');
  return claims ? (outputs.state ?? '') : '';
}

async function disturbed(
  stage: Stage,
  story: StoryName,
  disturbance: Disturbance,
  after: number,
): Promise<{ run: RunResult; problems: string[] }> {
  let pid = 0;
  const ended = stage.run(requestOf(story), {
    onStart: (started) => {
      pid = started;
    },
  });
  const over = await Promise.race([sleep(after, false), ended.then(() => true)]);
  if (over) return { run: await ended, problems: [] };
  const children = descendantsOf(pid);
  const startedAt = Date.now();
  process.kill(pid, disturbance === 'cancel' ? 'SIGINT' : 'SIGKILL');
  if (disturbance === 'kill tree') killAll(children);
  const run = await ended;
  const problems: string[] = [];
  if (disturbance === 'cancel') {
    const took = Date.now() - startedAt;
    // `post` runs within it too, and needs a second of its own.
    if (took > CANCELLED_WITHIN_MS + 3_000) problems.push(`cancelled only after ${String(took)} ms`);
    if (run.summary === '' || run.outputs.outcome === undefined)
      problems.push('cancelled without a summary or an outcome');
    const { holder } = await stage.observe();
    if (holder !== undefined) problems.push(`cancelled, and the lock is left with ${holder}`);
  }
  if ((await untilEnded(children, 60_000)) === undefined) {
    problems.push('what it started lives on');
    killAll(children);
  }
  if (disturbance !== 'cancel') await stage.freeLock();
  return { run, problems };
}

/** A rollback finds its target in the record; where that was never written, the input tells it. */
function requestOf(story: StoryName): {
  phase: (typeof STORIES)[StoryName]['phase'];
  inputs: Record<string, string>;
} {
  const { phase, inputs } = STORIES[story];
  return { phase, inputs: { ...inputs, version: '1.31.0' } };
}

/** Namespaces whose labels are not as they were, and which do not say how they were. */
function lostOriginals(is: Observation, was: Observation): string[] {
  const labelsOf = (of: Observation, name: string): Record<string, string> => {
    const objects = of.objects as Record<
      string,
      { metadata: { labels?: Record<string, string> } } | undefined
    >;
    return objects[`Namespace ${name}`]?.metadata.labels ?? {};
  };
  return Object.keys(was.pods).flatMap((name) => {
    const before = labelsOf(was, name);
    const choice = ['istio-injection', 'istio.io/rev'];
    const changed = choice.some((label) => labelsOf(is, name)[label] !== before[label]);
    const wanted = JSON.stringify(Object.fromEntries(choice.map((label) => [label, before[label] ?? null])));
    if (!changed || is.originals[name] === wanted) return [];
    return [`Namespace ${name}: its labels changed, and its originals are ${is.originals[name] ?? 'lost'}`];
  });
}

async function falseSuccess(stage: Stage, run: RunResult): Promise<string[]> {
  const state = reached(run);
  if (state === '') return [];
  const end = STATES[state]?.end;
  if (end === undefined) return [`success in state ${state}, which no phase here leads to`];
  return differences(await stage.observe(), stage.endOf(end)).map((line) => `no success: ${line}`);
}
