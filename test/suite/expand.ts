import type { Act, RunAct } from './scenario.ts';
import { NEW, RECORD } from './scenarios/shop.ts';

/** An act that is short for several, spelled out. */
export function expand(act: Act): readonly Act[] {
  if (!('run' in act) || act.again !== true) return [act];
  return [{ ...act, again: false }, ...again(act)];
}

/** The same run when there is nothing left to do: with its record, and when the cluster has lost that. */
function again({ run, inputs = {}, then }: RunAct): Act[] {
  const { state, same } = then;
  const still = { ...(state === undefined ? {} : { state }), ...(same === undefined ? {} : { same }) };
  return [
    { run, inputs, then: { outcome: 'no-changes', asked: 'no-write', ...still } },
    { event: { take: RECORD } },
    { run, inputs: { version: NEW, ...inputs }, then: { outcome: 'no-changes', asked: 'no-write' } },
    { event: { giveBack: RECORD } },
  ];
}
