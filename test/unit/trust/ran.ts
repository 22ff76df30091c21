import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import { parseInputs } from '../../../src/inputs.ts';
import { forLog } from '../../../src/report/escape.ts';
import { annotationsOf } from '../../../src/report/annotations.ts';
import { reportPath, writeReport, writeSummary } from '../../../src/report/file.ts';
import { linesToMask } from '../../../src/report/mask.ts';
import type { Report } from '../../../src/report/report.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { createMasks } from '../../../src/masks.ts';
import { newReport, run } from '../../../src/main.ts';
import type { Phase } from '../../../src/outcome.ts';
import { outputsOf } from '../../../src/outputs.ts';
import { processRunner } from '../../../src/process/command.ts';
import { redactReport } from '../../../src/redact.ts';
import { silentLogger } from '../../../src/log.ts';
import { SECRET } from './forms.ts';

/** A run that has ended, and all that others get to see of it. */
export interface Ran {
  readonly report: Report;
  readonly summary: string;
  /** Report file, outputs and annotations, as texts. */
  readonly told: readonly string[];
  /** The lines of the log, as the runner gets them. */
  readonly log: readonly string[];
  /** How long it took to write the report once the run had ended. */
  readonly writtenInMs: number;
  /** Whether the run itself published a report. */
  readonly published: boolean;
}

/** What a run is asked for. */
export interface Asked {
  readonly phase: Phase;
  readonly kubeconfig: string;
  readonly istioctl: string;
  readonly previous: string;
  readonly directory: string;
}

/** Runs a phase as src/action.ts does, with its masks and writers, but within this process. */
export async function ranOf({ phase, kubeconfig, istioctl, previous, directory }: Asked): Promise<Ran> {
  const metadata = readActionMetadata();
  const given: Record<string, string> = {
    phase,
    kubeconfig,
    version: '1.31.0',
    'canary-namespaces': 'shop',
    istioctl,
    'previous-istioctl': previous,
  };
  const inputs = parseInputs((name) => given[name] ?? metadata.inputs[name]?.default ?? '');
  const secrets: string[] = [SECRET];
  const masks = createMasks(() => undefined);
  masks.add(secrets);
  const log: string[] = [];
  const line = (text: string): void => void log.push(forLog(masks.redact(text)));
  const report = newReport(phase, false);
  let published = false;
  const summaryPath = join(directory, 'summary');
  const publish = (shown: Report): void => {
    writeReport(shown, directory);
    writeSummary(renderSummary(shown), summaryPath);
  };
  await run(
    inputs,
    {
      log: { ...silentLogger, info: line, debug: line, warn: line, error: line },
      env: { PATH: process.env.PATH },
      tempDir: directory,
      secrets,
      onSecret: (secret) => {
        const fresh = linesToMask(secret);
        secrets.push(...fresh);
        masks.add(fresh);
      },
      runner: processRunner,
      toolCache: () => Promise.reject(new Error('no download here')),
      signal: new AbortController().signal,
      publish: (now) => {
        published = true;
        publish(redactReport(now, masks.redact));
      },
    },
    report,
    () => 60_000,
  );
  const ended = performance.now();
  const shown = redactReport(report, masks.redact);
  publish(shown);
  const outputs = JSON.stringify(outputsOf(shown, '/report.json'));
  const marks = JSON.stringify(annotationsOf(shown));
  const writtenInMs = performance.now() - ended;
  const file = readFileSync(reportPath(directory), 'utf8');
  const summary = readFileSync(summaryPath, 'utf8');
  return { report, summary, told: [file, summary, outputs, marks], log, writtenInMs, published };
}
