import type { LabelSelector } from '../cluster/objects.ts';
import { matches } from './injection.ts';
import type { Labels } from './names.ts';

/** What the input `allow-stragglers` names: it may stay on the revision where it is, and nobody waits for it. */
export interface StragglerSelection {
  /** `namespace/name`, `Kind namespace/name`, or `namespace/*` for all of one namespace. */
  readonly names: readonly string[];
  /** Of the labels of pods and pod templates. */
  readonly selectors: readonly LabelSelector[];
}

/** Something that may be named as a straggler. */
export interface Candidate {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels | undefined;
}

/** Whether something was named as a straggler. */
export type Accepted = (candidate: Candidate) => boolean;

/** Nothing was named. */
export const nobody: Accepted = () => false;

export function acceptedBy({ names, selectors }: StragglerSelection): Accepted {
  if (names.length === 0 && selectors.length === 0) return nobody;
  const known = new Set(names);
  return ({ kind, namespace, name, labels }) =>
    known.has(`${namespace}/${name}`) ||
    known.has(`${kind} ${namespace}/${name}`) ||
    known.has(`${namespace}/*`) ||
    (labels !== undefined && selectors.some((selector) => matches(selector, labels)));
}
