import { Rejection, quote } from '../input-error.ts';

/** More at once than this an API server and an istiod of the usual size do not serve any quicker. */
const MOST = 200;

/** How many workloads are restarted at once, a whole number from 1 to 200. Throws a `Rejection`. */
export function readParallel(text: string): number {
  const number = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MOST) return number;
  throw new Rejection(
    quote(text),
    'allowed is a whole number from 1 to 200, or nothing: by how many there are.',
  );
}
