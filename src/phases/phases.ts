import type { Strategy } from '../inputs.ts';
import type { Phase } from '../outcome.ts';
import { canary } from './canary.ts';
import { canaryInPlace } from './in-place/canary.ts';
import { promoteInPlace } from './in-place/promote.ts';
import { rollbackInPlace } from './in-place/rollback.ts';
import type { ChangingPhase } from './phase.ts';
import { promote } from './promote.ts';
import { rollback } from './rollback.ts';

/** The phases that change something, of each strategy. What else a strategy decides is in `src/decide/strategy.ts`. */
export const CHANGING: Readonly<
  Record<Strategy, Readonly<Record<Exclude<Phase, 'precheck'>, ChangingPhase>>>
> = {
  revision: { canary, promote, rollback },
  'in-place': { canary: canaryInPlace, promote: promoteInPlace, rollback: rollbackInPlace },
};
