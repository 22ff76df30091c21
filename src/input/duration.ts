import { Rejection, quote } from '../input-error.ts';

const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/** A job on a self-hosted runner may last five days; timers of Node overflow at 24. */
const LONGEST_MS = 120 * UNITS_MS.h;

/** Milliseconds of a duration such as `90s`, `10m` or `1h30m`, more than none. Throws a `Rejection`. */
export function parseDuration(text: string): number {
  const ms = read(text);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new Rejection(
    quote(text),
    'allowed is a duration such as 90s, 10m or 1h30m, more than 0s and at most 120h.',
  );
}

/** Nobody lets two control planes stand for longer than a year; a date of JavaScript ends somewhere, too. */
const LONGEST_WAIT_MS = 365 * 24 * UNITS_MS.h;

/** Milliseconds of a time to wait, such as `24h`, at most a year; `0s` is none. Throws a `Rejection`. */
export function parseWait(text: string): number {
  const ms = read(text);
  if (ms !== undefined && text !== '' && ms <= LONGEST_WAIT_MS) return ms;
  throw new Rejection(
    quote(text),
    'allowed is a duration such as 24h or 90m, at most 8760h (a year), and 0s for none.',
  );
}

function read(text: string): number | undefined {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (parts === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = parts;
  return Number(hours) * UNITS_MS.h + Number(minutes) * UNITS_MS.m + Number(seconds) * UNITS_MS.s;
}
