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
  /** Whether the run was met by it; else it had ended by itself, or (cancelled) not begun. */
  readonly struck: boolean;
  /** Empty where the run was killed. */
  readonly outcome: string;
  readonly problems: readonly string[];
}

/** Cancelled, a run has 7.5 s until SIGTERM (design: all is written within 7 s); the process must then be gone. */
const CANCELLED_WITHIN_MS = 7_000;
/** What a run says that has no time left to give its lock back. */
const LOCK_RUNS_OUT = 'it runs out by itself in 30 s';
/** Of the locks that killed runs leave, so many are left to the next run, which has to wait until they have run out. */
const LEFT_LOCKED = 0.1;
/** How the mesh must look in a state that a run says it has reached; and which phases are natural from there. */
const STATES: Readonly<
  Record<string, { readonly end: StoryName | 'fresh'; readonly onwards: readonly StoryName[] }>
> = {
  none: { end: 'fresh', onwards: ['canary'] },
  'rolled-back': { end: 'fresh', onwards: ['canary'] },
  canary: { end: 'canary', onwards: ['promote', 'promote', 'rollback'] },
  promoted: { end: 'promote', onwards: ['rollback'] },
};

/**
 * Disturbs phases at random moments, one after the other, whatever the last one left: with no lost original, no lock left
 * for ever, and no success that is none. A disturbance that came after the run's own end is tried again.
 *
 * @param plan the disturbances in order
 */
export async function* soak(stage: Stage, plan: readonly Disturbance[], seed: number): AsyncGenerator<Round> {
  const next = random(seed);
  const choose = (of: readonly StoryName[]): StoryName => of[Math.floor(next() * of.length)] ?? 'canary';
  let onwards: readonly StoryName[] = ['canary'];
  let holder: string | undefined;
  for (const disturbance of plan) {
    for (let struck = false; !struck;) {
      const story = choose(onwards);
      const after = Math.round(next() * stage.msOf(story));
      const freeLock = next() >= LEFT_LOCKED;
      const { run, problems } = await disturbed(stage, story, disturbance, after);
      const left = await stage.observe();
      problems.push(...judged(stage, run, left, holder));
      const outcome = run.outputs.outcome ?? '';
      const isLeft = left.holder !== undefined && left.holder !== holder;
      if (outcome === 'cancelled' && isLeft && !run.stdout.includes(LOCK_RUNS_OUT))
        problems.push(`cancelled, and the lock is left with ${left.holder} without a word`);
      holder = left.holder;
      struck = outcome === 'cancelled' || (outcome === '' && !tooEarly(disturbance, run));
      // From the middle of a phase: that phase again, or back.
      onwards = STATES[reached(run)]?.onwards ?? [story, 'rollback'];
      if (holder !== undefined && freeLock) {
        await stage.freeLock();
        holder = undefined;
      }
      // Half of the time the next one begins in the mess that this one left; else that is first brought to an end.
      if (holder !== undefined || (struck && next() < 0.5)) {
        const again = await stage.run(requestOf(choose(onwards)));
        const end = await stage.observe();
        problems.push(...judged(stage, again, end, holder));
        holder = end.holder;
        onwards = STATES[reached(again)]?.onwards ?? onwards;
      }
      yield { story, disturbance, after, struck, outcome, problems };
    }
  }
}

/** What is wrong after a run. `holder` had the lock when it began: a run that was killed. */
function judged(stage: Stage, run: RunResult, is: Observation, holder: string | undefined): string[] {
  const { outcome = '', findings = '' } = run.outputs;
  // Who finds nothing to do takes no lock, and leaves the one that is there to run out.
  const untouched = outcome === 'no-changes' && is.holder === holder;
  return [
    ...(findings.includes('"locked"') ? ['the lock is left for ever'] : []),
    ...lostOriginals(is, stage.endOf('fresh')),
    ...falseSuccess(stage, run, untouched ? { ...is, holder: undefined } : is),
  ];
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
  await Promise.race([sleep(after), ended]);
  const children = descendantsOf(pid);
  const startedAt = Date.now();
  if (!strike(pid, disturbance === 'cancel' ? 'SIGINT' : 'SIGKILL'))
    return { run: await ended, problems: [] };
  if (disturbance === 'kill tree') killAll(children);
  const run = await ended;
  const problems: string[] = [];
  if (disturbance === 'cancel') {
    const took = Date.now() - startedAt;
    // `post` runs within it too, and needs a second of its own.
    if (took > CANCELLED_WITHIN_MS + 3_000) problems.push(`cancelled only after ${String(took)} ms`);
    if (!tooEarly(disturbance, run) && (run.summary === '' || run.outputs.outcome === undefined))
      problems.push('cancelled without a summary or an outcome');
  }
  if ((await untilEnded(children, 60_000)) === undefined) {
    problems.push('what it started lives on');
    killAll(children);
  }
  return { run, problems };
}

/**
 * A signal that comes while Node still loads the program ends it, as it ends any program. It has done nothing then: what
 * it says first, before it sends a first request, is which cluster it talks to.
 */
function tooEarly(disturbance: Disturbance, { stdout }: RunResult): boolean {
  return disturbance === 'cancel' && stdout === '';
}

/** Whether the process was still there. */
function strike(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
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

function falseSuccess(stage: Stage, run: RunResult, is: Observation): string[] {
  const state = reached(run);
  if (state === '') return [];
  const end = STATES[state]?.end;
  if (end === undefined) return [`success in state ${state}, which no phase here leads to`];
  return differences(is, stage.endOf(end)).map((line) => `no success: ${line}`);
}
