import type { RunResult } from '../../scripts/run-action.ts';
import type { Finding } from '../../src/finding.ts';
import { exitCode } from '../../src/outcome.ts';
import type { SeenRequest } from './cluster.ts';
import { capped, differences } from './differences.ts';
import { errorsOf, findingsOf, withoutSuffix } from './run-view.ts';
import type { AfterRun, Saying } from './scenario.ts';

/** What is known of a run beside what it left. */
export interface RunEvidence {
  readonly run: RunResult;
  /** Requests while it ran. */
  readonly requests: readonly SeenRequest[];
  /** Name of the kubeconfig's context. */
  readonly context: string;
  /** Attempt of the last run that had one. */
  readonly attemptBefore: string | undefined;
}

/** What of a run is not as it should be, a line each. */
export function judgeRun(then: AfterRun, evidence: RunEvidence): string[] {
  const { run } = evidence;
  return [
    ...judgeEnding(then, run),
    ...judgeLeftBehind(run),
    ...Object.entries(then.outputs ?? {}).flatMap(([name, value]) =>
      differences(run.outputs[name], value, `output ${name}`),
    ),
    ...judgeErrors(then, evidence),
    ...judgeTold(then, run),
    ...judgeRequests(then, evidence),
    ...judgeChanges(then, run),
    ...(then.hides ?? [])
      .filter((text) => JSON.stringify([run.stdout, run.stderr, run.summary, run.outputs]).includes(text))
      .map((text) => `it tells what it must hide: ${text}`),
    ...judgeAttempt(then, evidence),
  ];
}

function judgeEnding({ outcome, state, errors = [] }: AfterRun, run: RunResult): string[] {
  const is = {
    outcome: run.outputs.outcome,
    exitCode: run.exitCode,
    errors: [...new Set(errorsOf(run).map(({ id }) => id))],
    state: run.outputs.state,
  };
  return differences(is, { outcome, exitCode: exitCode(outcome), errors, state: state ?? is.state });
}

/** True of every run, whatever its ending: the kubeconfig is gone, the summary says how it ended, an error says why. */
function judgeLeftBehind(run: RunResult): string[] {
  return [
    ...(run.post.exitCode === 0 ? [] : [`post ended with ${String(run.post.exitCode)}`]),
    ...run.leftovers.map((path) => `post left ${path}`),
    ...(run.summary.includes(run.outputs.outcome ?? '') ? [] : ['the summary does not tell the outcome']),
    ...errorsOf(run)
      .filter(({ message }) => message === '')
      .map(({ id }) => `error ${id} says nothing`),
  ];
}

function judgeErrors({ about, says = [] }: AfterRun, { run, context }: RunEvidence): string[] {
  const errors = errorsOf(run);
  const objects = errors.map(({ object }) => (object === undefined ? null : withoutSuffix(object)));
  return [
    ...(about === undefined ? [] : differences(objects, about, 'objects of the errors')),
    ...says
      .filter((saying) => !errors.some((error) => fits(error, saying, context)))
      .map((saying) => `no error says ${JSON.stringify(saying)}`),
  ];
}

function fits(
  error: Finding,
  { id, object, message = [], oneOf, remedy = '' }: Saying,
  context: string,
): boolean {
  const has = (text: string): boolean => error.message.includes(text.replaceAll('{context}', context));
  return (
    error.id === id &&
    (object === undefined || withoutSuffix(error.object ?? '') === object) &&
    message.every(has) &&
    (error.remedy ?? '').includes(remedy) &&
    (oneOf === undefined || oneOf.some(has))
  );
}

function judgeTold({ tells = [] }: AfterRun, run: RunResult): string[] {
  const told = findingsOf(run)
    .filter(({ severity }) => severity !== 'error')
    .flatMap(({ id, object }) => (object === undefined ? [id] : [id, `${id} ${withoutSuffix(object)}`]));
  return tells
    .filter((wanted) => !told.includes(wanted))
    .map((wanted) => `it does not tell ${wanted}; it tells ${told.join(', ')}`);
}

function judgeRequests({ asked }: AfterRun, { requests }: RunEvidence): string[] {
  if (asked === undefined) return [];
  return capped(
    requests
      .filter(({ persists }) => asked === 'nothing' || persists)
      .map(({ what }) => `it was to ${asked === 'nothing' ? 'ask' : 'write'} nothing: ${what}`),
  );
}

function judgeChanges({ changes }: AfterRun, run: RunResult): string[] {
  const told = (run.report?.steps ?? []).flatMap((step) => step.changes).join('\n');
  return [
    ...(changes?.has ?? []).filter((text) => !told.includes(text)).map((text) => `no step changes ${text}`),
    ...(changes?.lacks ?? []).filter((text) => told.includes(text)).map((text) => `a step changes ${text}`),
  ];
}

function judgeAttempt({ attempt }: AfterRun, { run, attemptBefore }: RunEvidence): string[] {
  if (attempt === undefined) return [];
  const is = run.report?.attempt;
  if (is === undefined) return ['it has no attempt'];
  if (attempt === 'same') return differences(is, attemptBefore, 'attempt');
  return is === attemptBefore ? [`attempt ${is} is that of the run before`] : [];
}
