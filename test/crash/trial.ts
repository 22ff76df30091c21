import type { RunResult } from '../../scripts/run-action.ts';
import { type Observation, differences } from './observation.ts';
import { type Point, STORIES } from './point.ts';
import { descendantsOf, killAll, untilEnded } from './processes.ts';
import type { Stage } from './stage.ts';

/** An istioctl that lost its way to the server may try so long to find it again, in milliseconds. */
const ORPHAN_MS = 60_000;

/** How a trial ended. */
export interface Verdict {
  readonly ok: boolean;
  /** What went wrong; for one that is ok, how it ended. */
  readonly detail: string;
  /** The write it was interrupted at; undefined where the run ended before. */
  readonly at?: string;
}

/**
 * Stops a run at one of its writes, lets come what comes after, and compares the end, object by object, with that of an
 * undisturbed run.
 */
export async function tryPoint(stage: Stage, point: Point): Promise<Verdict> {
  const story = STORIES[point.story];
  await stage.begin(point.story);
  await stage.gate.arm({ at: point.n, when: point.when });
  let pid = 0;
  const ended = stage.run(story, {
    kubeconfig: stage.gate.kubeconfig,
    onStart: (started) => {
      pid = started;
    },
  });
  const held = await Promise.race([stage.gate.held, ended.then(() => undefined)]);
  if (held === undefined) return { ok: true, detail: 'the run had fewer writes this time' };
  const at = `${held.method} ${held.path.split('?')[0] ?? ''}`;
  const children = descendantsOf(pid);
  process.kill(pid, 'SIGKILL');
  if (point.kill === 'tree') killAll(children);
  await stage.gate.reset();
  await ended;
  if ((await untilEnded(children, ORPHAN_MS)) === undefined) {
    killAll(children);
    return { ok: false, at, detail: `its istioctl lived on for more than ${String(ORPHAN_MS / 1000)} s` };
  }
  await stage.freeLock();
  return { at, ...(point.then === 'resume' ? await resume(stage, point) : await rollBack(stage, point)) };
}

async function resume(stage: Stage, { story }: Point): Promise<Omit<Verdict, 'at'>> {
  const run = await stage.run(STORIES[story]);
  const outcomes =
    STORIES[story].phase === 'rollback' ? ['rolled-back', 'no-changes'] : ['succeeded', 'no-changes'];
  return judge(run, outcomes, await stage.observe(), stage.endOf(story));
}

async function rollBack(stage: Stage, { story }: Point): Promise<Omit<Verdict, 'at'>> {
  const before = story === 'removal' ? await stage.observe() : undefined;
  const { inputs, to } = STORIES[story].back;
  const run = await stage.run({ phase: 'rollback', inputs });
  if (story === 'removal' && run.outputs.outcome === 'refused') {
    return afterNoReturn(stage, run, before);
  }
  return judge(run, ['rolled-back', 'no-changes'], await stage.observe(), stage.endOf(to));
}

/** A removal that took something is past the point of no return: rollback says so, touches nothing, and resuming works. */
async function afterNoReturn(
  stage: Stage,
  run: RunResult,
  before: Observation | undefined,
): Promise<Omit<Verdict, 'at'>> {
  const findings = run.outputs.findings ?? '';
  if (!findings.includes('past-point-of-no-return')) return { ok: false, detail: `refused: ${findings}` };
  const touched = differences(await stage.observe(), before);
  if (touched.length > 0) return { ok: false, detail: `refused, but touched ${touched.join('; ')}` };
  const { ok, detail } = await resume(stage, {
    story: 'removal',
    n: 0,
    when: 'before',
    kill: 'alone',
    then: 'resume',
  });
  return { ok, detail: `refused (past the point of no return), then resumed: ${detail}` };
}

function judge(
  run: RunResult,
  outcomes: readonly string[],
  is: Observation,
  wanted: Observation,
): Omit<Verdict, 'at'> {
  const outcome = run.outputs.outcome ?? 'none';
  const wrong = differences(is, wanted);
  if (outcomes.includes(outcome) && run.exitCode === 0 && wrong.length === 0)
    return { ok: true, detail: outcome };
  return {
    ok: false,
    detail: [
      `outcome ${outcome}, exit code ${String(run.exitCode)}`,
      ...wrong.slice(0, 10),
      ...(outcomes.includes(outcome) ? [] : [run.outputs.findings ?? run.stderr]),
    ].join('; '),
  };
}
