import type { Finding } from '../finding.ts';
import type { Inputs, Strategy } from '../inputs.ts';
import type { Mesh } from '../istio/mesh.ts';
import { isInPlace } from '../istio/side.ts';
import type { TagMoves } from '../istio/tags.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';
import { type Sides, sidesOf } from './sides.ts';
import { sidesInPlace } from './sides-in-place.ts';
import { tagMovesOf } from './tag-moves.ts';
import { type Flaw, takenFlaw, versionUnknown } from './taken.ts';

interface Pair {
  readonly from: Release;
  readonly to: Release;
}

/** What of a decision the strategy decides. The state is read off the cluster by the sides themselves (`stateOf`). */
export interface Deciding {
  /** Which upgrade it is. */
  readonly sidesOf: (
    inputs: Pick<Inputs, 'phase' | 'version' | 'revision' | 'revisionGiven' | 'allowDowngrade'>,
    mesh: Mesh,
    record: UpgradeRecord | undefined,
  ) => Sides;
  /** What is wrong with its control planes, before anything else is asked. */
  readonly flawOf: (
    phase: Inputs['phase'],
    mesh: Mesh,
    sides: Pair,
    record: UpgradeRecord | undefined,
  ) => Flaw | undefined;
  /** Which revision tags it moves. */
  readonly tagMovesOf: (
    inputs: Pick<Inputs, 'phase' | 'canaryTag' | 'stableTags'>,
    mesh: Mesh,
    sides: Pair,
    record: UpgradeRecord | undefined,
  ) => TagMoves;
}

/** The strategies, as far as a decision goes; their phases are in `src/phases`. */
export const DECIDING: Readonly<Record<Strategy, Deciding>> = {
  revision: { sidesOf, flawOf: takenFlaw, tagMovesOf },
  'in-place': {
    sidesOf: sidesInPlace,
    flawOf: (_phase, mesh, { from }) => (from.version === '' ? versionUnknown(mesh, from) : undefined),
    tagMovesOf: () => ({}),
  },
};

/** An upgrade that has begun by one strategy is gone on with by the same: the other one would read the cluster wrongly. */
export function otherStrategy(record: UpgradeRecord | undefined, strategy: Strategy): Finding[] {
  if (record === undefined || record.endedAt !== undefined) return [];
  const began: Strategy = isInPlace(record) ? 'in-place' : 'revision';
  if (began === strategy) return [];
  return [
    {
      id: 'other-upgrade-under-way',
      severity: 'error',
      message: `an upgrade to ${record.to.version} by strategy: ${began} is under way, and this run has strategy: ${strategy}`,
      remedy: `Give strategy: ${began}, to finish it or to roll it back.`,
    },
  ];
}
