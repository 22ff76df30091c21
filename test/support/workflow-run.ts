import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { truthy } from '@actions/expressions/result';

/** A step of a job, as far as it is looked at here. */
export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly 'continue-on-error'?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string | boolean>>;
}

type Concurrency = string | { readonly group: string; readonly 'cancel-in-progress'?: boolean };

/** A job, the same. */
export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly 'runs-on'?: string | readonly string[];
  readonly environment?: string;
  readonly strategy?: { readonly matrix?: Readonly<Record<string, readonly string[]>> };
  readonly concurrency?: Concurrency;
  readonly 'timeout-minutes'?: number;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

/** What starts a workflow, the same. */
export interface Triggers {
  readonly push?: { readonly paths?: readonly string[] };
  readonly workflow_dispatch?: {
    readonly inputs?: Readonly<
      Record<string, { readonly type?: string; readonly options?: readonly string[] }>
    >;
  } | null;
}

/** A workflow, the same. */
export interface Workflow {
  readonly on?: string | Triggers;
  readonly permissions?: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** How a job ended, and what its steps put out. */
export interface Answer {
  readonly result: Exclude<Result, 'skipped'>;
  readonly outputs?: Readonly<Record<string, string>>;
}

/** What a run is started with. */
export interface Start {
  readonly inputs: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt?: number;
  /** By hand, where it is not said. */
  readonly event?: string;
}

/** A job that ran: the inputs of its step with the Action, as the runner fills them in. */
export type Ran = Readonly<Record<string, string>>;

/**
 * Which jobs of a workflow run, in their order, and with which inputs. Conditions are GitHub's own expressions; around
 * them is what its documents say: a condition without a status function holds only where all jobs before it have succeeded,
 * those that are needed by needed ones too (actions/runner#491). Of a matrix the first is played.
 *
 * @param answer of a job that runs
 */
export function playWorkflow(
  { jobs }: Workflow,
  { inputs, attempt = 1, event = 'workflow_dispatch' }: Start,
  answer: (job: Job) => Answer,
): Map<string, Ran> {
  const ended = new Map<string, { readonly result: Result; readonly outputs: Record<string, string> }>();
  const ran = new Map<string, Ran>();
  for (const [name, job] of Object.entries(jobs)) {
    const needs = Object.fromEntries(needsOf(job).map((need) => [need, ended.get(need)]));
    const context = {
      inputs,
      needs,
      matrix: firstOf(job),
      github: { run_attempt: String(attempt), event_name: event },
    };
    const before = [...ancestors(jobs, name)].map((need) => ended.get(need)?.result);
    if (!holds(job.if ?? '', context, before)) {
      ended.set(name, { result: 'skipped', outputs: {} });
      continue;
    }
    const { result: told, outputs = {} } = answer(job);
    const steps = Object.fromEntries((job.steps ?? []).map(({ id = '' }) => [id, { outputs }]));
    const result = told === 'success' && stops(job, { ...context, steps }) ? 'failure' : told;
    ended.set(name, { result, outputs: filledIn(job.outputs ?? {}, { ...context, steps }) });
    const ours = job.steps?.find(({ uses }) => uses?.startsWith('OWNER/'));
    ran.set(name, filledIn(ours?.with ?? {}, { ...context, steps, secrets: {} }));
  }
  return ran;
}

/** Whether a step that is there to fail does so. */
function stops({ steps = [] }: Job, context: object): boolean {
  return steps.some(
    ({ if: condition, run = '' }) =>
      condition !== undefined && /^exit 1$/m.test(run) && holds(condition, context, []),
  );
}

/** What a job knows of its matrix, as the first of it. */
export function firstOf({ strategy }: Job): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(strategy?.matrix ?? {}).map(([name, [first = '']]) => [name, first]),
  );
}

function needsOf({ needs = [] }: Job): readonly string[] {
  return typeof needs === 'string' ? [needs] : needs;
}

function ancestors(jobs: Workflow['jobs'], name: string): Set<string> {
  const direct = needsOf(jobs[name] ?? {});
  return new Set([...direct, ...direct.flatMap((need) => [...ancestors(jobs, need)])]);
}

function holds(condition: string, context: object, before: readonly (Result | undefined)[]): boolean {
  const bare = condition.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim();
  const isAsked = /\b(success|failure|cancelled|always)\(/.test(bare);
  const whole = isAsked ? bare : `success()${bare === '' ? '' : ` && (${bare})`}`;
  const value = evaluated(whole, context, {
    success: before.every((result) => result === 'success'),
    failure: before.includes('failure'),
    // That of the whole run: a job that ran out of its time has the same result, and the others go on.
    cancelled: false,
    always: true,
  });
  return truthy(value);
}

/** Texts with the values of their expressions. */
export function filledIn(
  texts: Readonly<Record<string, string | boolean>>,
  context: object,
): Record<string, string> {
  const fill = (text: string): string =>
    text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_all, inner: string) => evaluated(inner, context).coerceString());
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(String(text))]));
}

function evaluated(
  expression: string,
  context: object,
  status: Readonly<Record<string, boolean>> = {},
): data.ExpressionData {
  const functions = Object.entries(status).map(([name, value]): FunctionDefinition => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));
  const { tokens } = new Lexer(expression.trim()).lex();
  const parsed = new Parser(tokens, Object.keys(context), functions).parse();
  const values = JSON.parse(JSON.stringify(context), data.reviver) as data.Dictionary;
  return new Evaluator(parsed, values, new Map(functions.map((item) => [item.name, item]))).evaluate();
}
