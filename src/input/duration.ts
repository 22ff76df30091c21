import { Rejection, quote } from '../input-error.ts';

const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/** A job on a self-hosted runner may last five days; timers of Node overflow at 24. */
const LONGEST_MS = 120 * UNITS_MS.h;

/** Milliseconds of a duration such as `90s`, `10m` or `1h30m`. Throws a `Rejection`. */
export function parseDuration(text: string): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  const [, hours = '0', minutes = '0', seconds = '0'] = parts ?? [];
  const ms = Number(hours) * UNITS_MS.h + Number(minutes) * UNITS_MS.m + Number(seconds) * UNITS_MS.s;
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new Rejection(
    quote(text),
    'allowed is a duration such as 90s, 10m or 1h30m, more than 0s and at most 120h.',
  );
}
