import * as core from '@actions/core';
import { redactor } from './redact.ts';
import { forLog } from './report/escape.ts';

/**
 * Where a run tells what it does. Every message becomes one line that is no workflow command, so texts from the cluster
 * may be passed as they are. None of it becomes an annotation: those are few, and chosen from the report.
 */
export interface Logger {
  info(message: string): void;
  /** Shown only where debug logging is on. */
  debug(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Runs `work` with its lines folded below a title; closed also when it throws. Groups do not nest. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}

const known = new Set<string>();
/** Takes the secrets of this run out of its log: a runner masks them too, but not everything that reads a log is one. */
let redact = redactor([]);

const line = (message: string): string => forLog(redact(message));

/** The log of the job. */
export const actionsLogger: Logger = {
  info: (message) => {
    core.info(line(message));
  },
  debug: (message) => {
    core.debug(line(message));
  },
  warn: (message) => {
    core.info(`⚠️ ${line(message)}`);
  },
  error: (message) => {
    core.info(`❌ ${line(message)}`);
  },
  group: (title, work) => core.group(line(title), work),
};

/** Says nothing. */
export const silentLogger: Logger = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  group: (_title, work) => work(),
};

/**
 * Tells the runner what to replace by stars from now on, and keeps it out of this log. Call it before anything is logged
 * that could hold a secret; again for what turns up later: nothing is forgotten. Its `::add-mask::` lines are how GitHub is told, and the one place where secrets are written:
 * the runner takes these lines away.
 */
export function maskSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    if (!known.has(secret)) core.setSecret(secret);
    known.add(secret);
  }
  redact = redactor([...known]);
}
