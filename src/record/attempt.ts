import type { Sides } from '../istio/side.ts';
import { tryParseVersion } from '../istio/version.ts';
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

/** Whether an attempt's name can't be that of an upgrade with these sides. A name that says nothing of it contradicts nothing. */
export function contradicts(attempt: string, { from, to }: Sides): boolean {
  const named = NAMED.exec(attempt)?.groups;
  const [left, target] = [versionWord(from), versionWord(to)];
  return named !== undefined && left !== target && (named.from === target || named.to === left);
}

/** Whether an attempt's name is that of an upgrade from the one to the other. */
export function namesWay(attempt: string, { from, to }: Sides): boolean {
  const named = NAMED.exec(attempt)?.groups;
  return named?.from === versionWord(from) && named.to === versionWord(to);
}

/** Whether an attempt's name says that the same upgrade goes the other way. One that shares a version with it is another. */
export function namesOtherWay(attempt: string, { from, to }: Sides): boolean {
  return namesWay(attempt, { from: to, to: from });
}

/** Whether an attempt's name says that it goes to a release. */
export function namesTarget(attempt: string, to: Release): boolean {
  return NAMED.exec(attempt)?.groups?.to === versionWord(to);
}

/** The release that an upgrade to another came from, as its attempt's name says; undefined for a name that says nothing of it. */
export function originOf(attempt: string, to: Release): string | undefined {
  const named = NAMED.exec(attempt)?.groups;
  if (named?.to !== versionWord(to)) return undefined;
  // `1-31-0-rc-1` was `1.31.0-rc.1`. What a vendor adds may have been written otherwise, and is no part of the release.
  const text = named.from?.replace(/^(\d+)-(\d+)-/, '$1.$2.').replace(/-(\d+)$/, '.$1') ?? '';
  return tryParseVersion(text)?.release;
}

function versionWord({ version }: Release): string {
  return version === '' ? 'unknown' : version.replaceAll(/[^A-Za-z0-9]/g, '-');
}
