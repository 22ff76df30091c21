import type { Finding } from '../finding.ts';
import type { Decision } from './decide.ts';

type Begun = Extract<Decision, { readonly kind: 'upgrade' }>;

/**
 * What is otherwise than when it was first decided, and matters: another run's record, another state, other sides. What
 * came or went of namespaces and pods is harmless: the steps are planned from what is there.
 */
export function differences(first: Begun, again: Begun): Finding[] {
  const changed = [
    ...(JSON.stringify(first.recorded) === JSON.stringify(again.recorded)
      ? []
      : [`another run wrote the record (${again.recorded?.run ?? 'it is gone'})`]),
    ...(first.state === again.state ? [] : [`the state went from ${first.state} to ${again.state}`]),
    ...(['from', 'to'] as const)
      .filter((side) => JSON.stringify(first.view.upgrade[side]) !== JSON.stringify(again.view.upgrade[side]))
      .map((side) => `the upgrade's ${side} side is another one: ${again.view.upgrade[side].revision}`),
  ];
  return changed.map((what) => ({
    id: 'changed-meanwhile',
    severity: 'error',
    message: `while this run waited for the lock, ${what}`,
    remedy:
      'Nothing was touched. Look at what was done, then run this phase again: it decides anew from what is there.',
  }));
}
