import type { Phase } from '../../src/outcome.ts';

/** How the old control plane was installed: with a revision, or without. */
export const MESHES = ['revisioned', 'unrevisioned'] as const;

/** What is interrupted: a phase, and the state of the upgrade in which it begins. */
export interface Story {
  readonly phase: Phase;
  readonly inputs: Readonly<Record<string, string>>;
  readonly mesh: (typeof MESHES)[number];
  /** The copy of the cluster that it begins with. */
  readonly start: 'fresh' | 'canary' | 'promoted';
}

/** Namespace of the small mesh that moves with canary; the others follow in promote. */
export const FIRST = 'moved';

/** All namespaces of the small mesh have this label. */
export const TIER = { tier: 'front' } as const;

export const STORIES = {
  canary: {
    phase: 'canary',
    inputs: { 'canary-namespaces': FIRST, version: '1.31.0' },
    mesh: 'revisioned',
    start: 'fresh',
  },
  promote: { phase: 'promote', inputs: {}, mesh: 'revisioned', start: 'canary' },
  removal: {
    phase: 'promote',
    inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
    mesh: 'revisioned',
    start: 'promoted',
  },
  rollback: { phase: 'rollback', inputs: {}, mesh: 'revisioned', start: 'promoted' },
  'canary of a selector': {
    phase: 'canary',
    inputs: { 'canary-namespaces': 'tier=front', version: '1.31.0' },
    mesh: 'revisioned',
    start: 'canary',
  },
  'promote from an unrevisioned mesh': {
    phase: 'promote',
    inputs: {},
    mesh: 'unrevisioned',
    start: 'canary',
  },
} as const satisfies Record<string, Story>;
export type StoryName = keyof typeof STORIES;

/** The stories of one mesh. */
export function storiesOf(mesh: Story['mesh']): StoryName[] {
  return (Object.keys(STORIES) as StoryName[]).filter((name) => STORIES[name].mesh === mesh);
}

/** A persisting request of an undisturbed run, by its place in the order. */
export interface Write {
  readonly n: number;
  /** Such as `PATCH /api/v1/namespaces/moved`. */
  readonly what: string;
  readonly by: 'action' | 'istioctl';
}

/**
 * One way to be interrupted, and what comes after it.
 *
 * - `when`: the n-th write has not reached the server yet, or was answered and the answer did not arrive
 * - `kill`: the process alone (an istioctl it started lives on), or with all it started
 * - `then`: the same phase again, or rollback
 */
export interface Point {
  readonly story: StoryName;
  readonly n: number;
  readonly when: 'before' | 'after';
  readonly kill: 'alone' | 'tree';
  readonly then: 'resume' | 'rollback';
}

/** Names a point; unique. */
export function keyOf({ story, n, when, kill, then }: Point): string {
  return `${story} ${String(n)} ${when} ${kill} ${then}`;
}

/**
 * All points of a story. Where the Action itself writes it has started nothing that could live on, so there is one way
 * to kill it; what comes after an interrupted rollback is that rollback.
 */
export function pointsOf(story: StoryName, writes: readonly Write[]): Point[] {
  const thens = story === 'rollback' ? (['resume'] as const) : (['resume', 'rollback'] as const);
  return writes.flatMap(({ n, by }) =>
    (['before', 'after'] as const).flatMap((when) =>
      (by === 'action' ? (['alone'] as const) : (['alone', 'tree'] as const)).flatMap((kill) =>
        thens.map((then): Point => ({ story, n, when, kill, then })),
      ),
    ),
  );
}

/** Draws points without repetition; the same seed draws the same ones. */
export function sample(points: readonly Point[], count: number, seed: number): Point[] {
  const next = random(seed);
  const rest = [...points];
  const drawn: Point[] = [];
  while (drawn.length < count && rest.length > 0) {
    drawn.push(...rest.splice(Math.floor(next() * rest.length), 1));
  }
  return drawn;
}

/** Numbers from 0 to 1 that look random: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
