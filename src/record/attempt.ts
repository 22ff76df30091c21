import type { Sides } from '../istio/side.ts';
import type { Release } from './record.ts';

/** As long as an attempt's name may be. */
const LENGTH = 64;
const NAMED = /^(?<from>[A-Za-z0-9-]+)-to-(?<to>[A-Za-z0-9-]+)-[0-9a-z]+$/;

/**
 * Names an attempt: `1-30-3-to-1-31-0-ab12cd34`. It says a second time which way the upgrade goes, in the record and on
 * every workload that is restarted for it, so that swapping the record's sides contradicts what stays beside them (M34).
 *
 * @param own what no other attempt has
 */
export function attemptName({ from, to }: Sides, own: string): string {
  const name = `${versionWord(from)}-to-${versionWord(to)}-${own}`;
  return name.length > LENGTH ? own : name;
}

/** Whether an attempt's name says that the upgrade goes the other way. A name that says nothing of it contradicts nothing. */
export function namesOtherWay(attempt: string, { from, to }: Sides): boolean {
  const named = NAMED.exec(attempt)?.groups;
  const [left, target] = [versionWord(from), versionWord(to)];
  return named !== undefined && left !== target && (named.from === target || named.to === left);
}

function versionWord({ version }: Release): string {
  return version === '' ? 'unknown' : version.replaceAll(/[^A-Za-z0-9]/g, '-');
}
