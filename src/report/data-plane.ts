import type { Phase } from '../outcome.ts';
import type { NamespaceReport } from './report.ts';

/** The side of the upgrade that a pod's proxy can be on. */
export type Side = 'current' | 'target';

/** Where each phase leads, and so whose istiods it asks who is connected: of the other side's proxies nothing is known. */
export const GOAL: Readonly<Record<Phase, Side>> = {
  precheck: 'current',
  canary: 'target',
  promote: 'target',
  rollback: 'current',
};

/** Where most proxies are when a phase did its work: namespaces that are there need no look. */
export const REST: Readonly<Record<Phase, Side>> = { ...GOAL, canary: 'current' };

/** How the proxies of a namespace stand. */
export type Standing = 'not in sync' | 'elsewhere' | 'in part' | Side | 'no proxies';

/** Where a namespace stands; the most alarming word that holds. */
export function standing({ current, target, other, notInSync = 0 }: NamespaceReport): Standing {
  if (notInSync > 0) return 'not in sync';
  if (other > 0) return 'elsewhere';
  if (current > 0 && target > 0) return 'in part';
  if (current + target === 0) return 'no proxies';
  return target > 0 ? 'target' : 'current';
}

/** The namespaces, the most alarming first and those at rest last, otherwise in their order. */
export function worstFirst(namespaces: readonly NamespaceReport[], phase: Phase): NamespaceReport[] {
  const rest = REST[phase];
  const moved = rest === 'current' ? 'target' : 'current';
  const order: readonly Standing[] = ['not in sync', 'elsewhere', 'in part', moved, rest, 'no proxies'];
  return order.flatMap((wanted) => namespaces.filter((item) => standing(item) === wanted));
}

/** All namespaces as one. What is unknown of one is unknown of all. */
export function total(namespaces: readonly NamespaceReport[]): NamespaceReport {
  const sum = (count: (item: NamespaceReport) => number): number =>
    namespaces.reduce((all, item) => all + count(item), 0);
  const counts = {
    namespace: '',
    current: sum(({ current }) => current),
    target: sum(({ target }) => target),
    other: sum(({ other }) => other),
  };
  return namespaces.some(({ notInSync }) => notInSync === undefined)
    ? counts
    : { ...counts, notInSync: sum(({ notInSync = 0 }) => notInSync) };
}
