import * as core from '@actions/core';
import { Cancelled } from './engine/ending.ts';
import { OutOfTime } from './engine/run-steps.ts';
import { InputError } from './input-error.ts';
import { LEFT_OUT, kubeconfigTextOrNone } from './input/kubeconfig-found.ts';
import { decodedOrAsIs } from './input/kubeconfig.ts';
import { unknownInputs } from './input/unknown-inputs.ts';
import { parseInputs } from './inputs.ts';
import { actionsLogger, masks } from './log.ts';
import { newReport, run } from './main.ts';
import { PHASES, type Phase, exitCode } from './outcome.ts';
import { outputsOf, writeOutputs } from './outputs.ts';
import { processRunner } from './process/command.ts';
import { withholdFromChildren } from './process/environment.ts';
import { redactReport } from './redact.ts';
import { annotate, annotationsOf } from './report/annotations.ts';
import { reportPath, writeReport, writeSummary } from './report/file.ts';
import { linesToMask, secretsOf } from './report/mask.ts';
import type { Report } from './report/report.ts';
import { renderSummary } from './report/summary.ts';
import { saveTempDirectory } from './state.ts';
import { createTempDirectory } from './temp-directory.ts';

const tempDir = createTempDirectory(saveTempDirectory);

function publish(report: Report): void {
  const shown = redactReport(report, masks.redact);
  writeReport(shown, tempDir);
  writeSummary(renderSummary(shown), process.env.GITHUB_STEP_SUMMARY);
}

/** One more time at the end, with what only the end may set. */
function finish(report: Report): void {
  publish(report);
  const shown = redactReport(report, masks.redact);
  writeOutputs(outputsOf(shown, reportPath(tempDir)));
  annotate(annotationsOf(shown));
  actionsLogger.info(shown.headline);
  if (shown.next !== '') actionsLogger.info(`Next: ${shown.next}`);
}

/** Where no runner fills in what action.yml has as default (the bundle started by hand), the kubeconfig is left out all the same. */
function inputOf(name: string): string {
  return name === 'kubeconfig' && process.env.INPUT_KUBECONFIG === undefined ? LEFT_OUT : core.getInput(name);
}

/** The secrets of the kubeconfig are masked before anything else is read: what is wrong elsewhere is quoted. */
function hideSecrets(): string[] {
  const given = inputOf('kubeconfig');
  const text =
    given === LEFT_OUT
      ? kubeconfigTextOrNone(given, { env: process.env, cwd: process.cwd() })
      : decodedOrAsIs(given);
  const secrets = secretsOf(text);
  masks.add(secrets);
  return secrets;
}

/** What turns up while the run lasts, such as a plugin's token (K07); `secrets` is seen by all who take them out. */
function hideLateSecret(secrets: string[], secret: string): void {
  const fresh = linesToMask(secret).filter((line) => !secrets.includes(line));
  if (fresh.length === 0) return;
  secrets.push(...fresh);
  masks.add(fresh);
}

/**
 * Runs the phase that the inputs ask for, and ends the process.
 *
 * @param cancelled fires, with the name of the signal, when the runner cancels the job
 */
export async function act(cancelled: AbortSignal): Promise<never> {
  const report = await main(cancelled);
  finish(report);
  // Sockets that are kept alive would hold the process.
  process.exit(exitCode(report.outcome ?? 'failed'));
}

async function main(cancelled: AbortSignal): Promise<Report> {
  const asked = core.getInput('phase');
  const phase: Phase = PHASES.find((name) => name === asked) ?? 'precheck';
  const report = newReport(phase, core.getInput('dry-run').toLowerCase() === 'true');
  try {
    const secrets = hideSecrets();
    // What is asked for is what there is: a test holds it to action.yml.
    const known: string[] = [];
    const inputs = parseInputs((name) => {
      known.push(name);
      return inputOf(name);
    });
    report.findings.push(...unknownInputs(process.env, known));
    withholdFromChildren(process.env);
    if (inputs.kubeconfigFrom !== undefined) {
      actionsLogger.info(`kubeconfig: the input is left out, so it is that of ${inputs.kubeconfigFrom}`);
    }
    const startedAt = Date.now();
    const ended = new AbortController();
    const cancel = (): void => {
      ended.abort(new Cancelled(`the run was cancelled (${String(cancelled.reason)})`));
    };
    if (cancelled.aborted) cancel();
    cancelled.addEventListener('abort', cancel);
    const timer = setTimeout(() => {
      ended.abort(new OutOfTime(`the time of this run (input timeout) is used up`));
    }, inputs.timeoutMs);
    const deps = {
      log: actionsLogger,
      env: process.env,
      tempDir,
      secrets,
      onSecret: (secret: string) => {
        hideLateSecret(secrets, secret);
      },
      runner: processRunner,
      // With its HTTP client it takes longer to load than all the rest: what needs istioctl waits for it, nothing else.
      toolCache: () => import('@actions/tool-cache'),
      signal: ended.signal,
      publish,
    };
    await run(inputs, deps, report, () => Math.max(inputs.timeoutMs - (Date.now() - startedAt), 0));
    clearTimeout(timer);
  } catch (error) {
    report.outcome = error instanceof InputError ? 'refused' : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    report.headline = message;
    report.findings.push({
      id: error instanceof InputError ? 'input-not-usable' : 'unexpected-error',
      severity: 'error',
      message,
    });
    report.next = error instanceof InputError ? 'Correct the inputs and run again.' : 'Please report this.';
  }
  return report;
}
