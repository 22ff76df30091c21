import * as core from '@actions/core';
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

/** The log of the job. */
export const actionsLogger: Logger = {
  info: (message) => {
    core.info(forLog(message));
  },
  debug: (message) => {
    core.debug(forLog(message));
  },
  warn: (message) => {
    core.info(`⚠️ ${forLog(message)}`);
  },
  error: (message) => {
    core.info(`❌ ${forLog(message)}`);
  },
  group: (title, work) => core.group(forLog(title), work),
};

/** Says nothing. */
export const silentLogger: Logger = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  group: (_title, work) => work(),
};

/** Tells the runner what to replace by stars from now on. Call it before anything is logged that could hold a secret. */
export function maskSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) core.setSecret(secret);
}
