import type { ApiRequest } from './api.ts';

/** How long the next try of a request waits, at least: it doubles from a fifth of a second up to five. */
export function pauseMs(tries: number): number {
  return Math.min(200 * 2 ** tries, 5_000);
}

/**
 * `Retry-After`, in milliseconds from now: seconds or a date (RFC 9110, 10.2.3). 0 where there is none, or none that
 * can be read.
 */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined || header.trim() === '') return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isFinite(ms) ? Math.max(ms, 0) : 0;
}

/** Whether a request persists nothing, so that it may be sent as often as one likes. */
export function onlyReads({ method, rehearses = false }: ApiRequest): boolean {
  return method === 'GET' || rehearses;
}

/**
 * Whether a request may be sent again as it is after an answer. 429 says that it was not taken at all; anything else
 * is repeated only where it reads. What a write came to is looked up instead: see {@link isUncertain}.
 */
export function mayRepeat(request: ApiRequest, status: number): boolean {
  return status === 429 || (onlyReads(request) && isUncertain(status));
}

/** An answer (0: none) that does not tell whether the request was carried out. */
export function isUncertain(status: number): boolean {
  return status === 0 || status === 500 || (status >= 502 && status <= 504);
}
