import type { UpgradeState } from '../outcome.ts';
import { type Markdown, signed } from './markdown.ts';
import type { Report } from './report.ts';

/** Lasting states, each with the state in which it is worked on. */
type Way = readonly (readonly [UpgradeState, UpgradeState])[];

/** The way forward beside a control plane that stays. */
const BESIDE: Way = [
  ['canary', 'canarying'],
  ['promoted', 'promoting'],
  ['completed', 'removing'],
];

/** In place nothing is left to be removed once all proxies have moved. */
const IN_PLACE: Way = [
  ['canary', 'canarying'],
  ['completed', 'promoting'],
];

/** How far the upgrade is, with what is behind it and before it. */
export function way(state: UpgradeState, { from, to }: Pick<Report, 'from' | 'to'>): Markdown {
  const all = from !== undefined && from.revision === to?.revision ? IN_PLACE : BESIDE;
  const here = all.findIndex((pair) => pair.includes(state));
  if (here < 0 && state !== 'none') return state;
  const stops = all.map(([reached, working], index) => {
    if (index === here)
      return state === reached ? signed('✅', `**${reached}**`) : signed('▶️', `**${working}**`);
    return signed(index < here ? '✅' : '⬜', reached);
  });
  return [...(state === 'none' ? ['none'] : []), ...stops].join(' → ');
}
