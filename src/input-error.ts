import { hideShapes } from './redact.ts';

/** One thing that is wrong with one input. Holds no secret: lengths and key paths at most. */
export interface InputProblem {
  readonly input: string;
  /** What was given, as it may be shown. */
  readonly got: string;
  /** What is allowed instead. */
  readonly allowed: string;
}

/** Thrown by a reader of one input; `parseInputs` collects them. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly got: string;
  readonly allowed: string;

  constructor(got: string, allowed: string) {
    super(`got ${got}; ${allowed}`);
    this.got = got;
    this.allowed = allowed;
  }
}

/** The inputs cannot be used. Lists every problem at once, so that one edit is enough to repair them. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    super(describe(problems));
    this.problems = problems;
  }
}

function describe(problems: readonly InputProblem[]): string {
  const count = problems.length === 1 ? 'An input is' : `${problems.length} inputs are`;
  const lines = problems.map(({ input, got, allowed }) => `- ${input}: got ${got}; ${allowed}`);
  return [`${count} not right, nothing was contacted or changed:`, ...lines].join('\n');
}

/** A value as an error may show it: quoted, one line, not longer than a glance; a token in the wrong input is hidden. */
export function quote(value: string): string {
  if (value === '') return 'nothing';
  const shown = hideShapes(value);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown);
}
