import type { UpgradeState } from '../outcome.ts';
import { type Markdown, signed } from './markdown.ts';

/** The lasting states on the way forward, each with the state in which it is worked on. */
const WAY: readonly (readonly [UpgradeState, UpgradeState])[] = [
  ['canary', 'canarying'],
  ['promoted', 'promoting'],
  ['completed', 'removing'],
];

/** How far the upgrade is, with what is behind it and before it. */
export function way(state: UpgradeState): Markdown {
  const here = WAY.findIndex((pair) => pair.includes(state));
  if (here < 0 && state !== 'none') return state;
  const stops = WAY.map(([reached, working], index) => {
    if (index === here)
      return state === reached ? signed('✅', `**${reached}**`) : signed('▶️', `**${working}**`);
    return signed(index < here ? '✅' : '⬜', reached);
  });
  return [...(state === 'none' ? ['none'] : []), ...stops].join(' → ');
}
