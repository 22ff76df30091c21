import type { RunAct } from './acts.ts';

/** Where something is to be: on a revision, and in place, where both sides have the same, of a version. */
export interface Aim {
  readonly revision: string;
  readonly version?: string;
}

interface Sided {
  readonly act: RunAct;
  readonly said: { readonly outputs: Readonly<Record<string, string>> } | undefined;
}

export function inPlace({ act }: Pick<Sided, 'act'>): boolean {
  return act.inputs.strategy === 'in-place';
}

/** The target of an upgrade, or where it comes from, as the run says. */
export function aimOf(judged: Sided, side: 'to' | 'from'): Aim {
  const { [`${side}-revision`]: told, [`${side}-version`]: version = '' } = judged.said?.outputs ?? {};
  const revision = told ?? (side === 'to' ? (judged.act.inputs.revision ?? '') : '');
  return inPlace(judged) ? { revision, version } : { revision };
}

export function isAt({ revision, version }: Aim, seen: { revision: string; version: string }): boolean {
  return seen.revision === revision && (version === undefined || seen.version === version);
}

export function sayAim({ revision, version }: Aim): string {
  return version === undefined ? revision : `${revision}@${version}`;
}
