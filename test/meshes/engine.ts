import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputEnvironment } from '../../scripts/action-metadata.ts';
import { runAction } from '../../scripts/run-action.ts';
import { InputError } from '../../src/input-error.ts';
import { parseInputs } from '../../src/inputs.ts';
import { newReport, run } from '../../src/main.ts';
import { Cancelled } from '../../src/engine/ending.ts';
import { OutOfTime } from '../../src/engine/run-steps.ts';
import { outputsOf } from '../../src/outputs.ts';
import type { Report } from '../../src/report/report.ts';
import type { RunAct } from './acts.ts';
import { standInRunner } from './istioctl.ts';
import { type World, VERSIONS } from './world.ts';

/** What a run says of itself; nothing where it was killed. */
export interface Said {
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly headline: string;
  readonly next: string;
  readonly findings: readonly {
    readonly id: string;
    readonly severity: string;
    readonly message: string;
    readonly object?: string;
    readonly remedy?: string;
  }[];
  /** Steps by id and status. */
  readonly steps: readonly string[];
}

/** A run that goes on: it ends, is cancelled, or forgotten because it is dead. */
export interface Running {
  readonly ended: Promise<Said>;
  cancel(): void;
  /** The time of the run (its input `timeout`) is over, as far as the engine can be told so from here. */
  timeUp(): void;
  /** It is dead, and what still moves of it does not matter. */
  forget(): void;
}

export type Engine = (act: RunAct, world: World, kubeconfig: string) => Running;

const SILENT = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  group: <T>(_title: string, work: () => Promise<T>): Promise<T> => work(),
};

function inputsOf(act: RunAct, world: World, kubeconfig: string): Record<string, string> {
  const version = act.run === 'precheck' || act.run === 'canary' ? { version: VERSIONS[1] } : {};
  return {
    phase: act.run,
    kubeconfig,
    'istioctl-base-url': world.cluster.mirror,
    timeout: '10m',
    ...version,
    ...act.inputs,
  };
}

/** The sources, in this process, as `src/action.ts` runs them. */
export const inProcess: Engine = (act, world, kubeconfig) => {
  const tempDir = mkdtempSync(join(tmpdir(), 'mesh-story-'));
  const ended = new AbortController();
  let over = false;
  const cleanUp = (): void => rmSync(tempDir, { recursive: true, force: true });
  const report = newReport(act.run, act.inputs['dry-run'] === 'true');
  const work = async (): Promise<Said> => {
    try {
      const env = inputEnvironment(inputsOf(act, world, kubeconfig));
      const inputs = parseInputs((name) => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim());
      const startedAt = Date.now();
      const deps = {
        log: SILENT,
        env: { PATH: process.env.PATH },
        tempDir,
        secrets: [],
        runner: standInRunner,
        toolCache: () => Promise.resolve(NO_CACHE),
        signal: ended.signal,
        publish: () => undefined,
      };
      await run(inputs, deps, report, () =>
        over ? 0 : Math.max(inputs.timeoutMs - (Date.now() - startedAt), 0),
      );
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      report.outcome = 'refused';
      report.headline = error.message;
    }
    return said(report, outputsOf(report, ''));
  };
  const result = work().finally(cleanUp);
  result.catch(() => undefined);
  return {
    ended: result,
    cancel: () => ended.abort(new Cancelled('the run was cancelled (SIGINT)')),
    timeUp: () => {
      over = true;
      ended.abort(new OutOfTime('the time of this run (input timeout) is used up'));
    },
    forget: () => {
      ended.abort(new Cancelled('the run is dead'));
    },
  };
};

/** The mirror is on this machine, and its program small. */
const NO_CACHE = { find: () => '', cacheDir: () => Promise.resolve('') };

/** The built Action, as a runner runs it. */
export const built: Engine = (act, world, kubeconfig) => {
  const cancelled = new AbortController();
  let pid: number | undefined;
  const result = runAction({
    inputs: inputsOf(act, world, kubeconfig),
    env: { RUNNER_TOOL_CACHE: world.cluster.toolCache },
    signal: cancelled.signal,
    onStart: (started) => {
      pid = started;
    },
  }).then(({ outputs, report, stdout, stderr }) => {
    if (report !== undefined) return said(report, outputs);
    return {
      outcome: outputs.outcome ?? '',
      outputs,
      headline: `${stdout}\n${stderr}`.slice(-500),
      next: '',
      findings: [],
      steps: [],
    };
  });
  result.catch(() => undefined);
  return {
    ended: result,
    cancel: () => cancelled.abort(),
    timeUp: () => cancelled.abort(),
    forget: () => {
      if (pid === undefined) return;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    },
  };
};

function said(report: Report, outputs: Readonly<Record<string, string>>): Said {
  return {
    outcome: report.outcome ?? '',
    outputs,
    headline: report.headline,
    next: report.next,
    findings: report.findings,
    steps: report.steps.map(({ id, status }) => `${id}: ${status}`),
  };
}
