import * as core from '@actions/core';
import { type Masks, createMasks } from './masks.ts';
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

/**
 * The secrets of this run. Its `::add-mask::` lines are how GitHub is told, and the one place where secrets are written:
 * the runner takes these lines away. They are kept out of this log by ourselves, too: not everything that reads a log is a
 * runner.
 */
export const masks: Masks = createMasks((secret) => {
  core.setSecret(secret);
});

const line = (message: string): string => forLog(masks.redact(message));

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
