import type { Phase } from '../../src/outcome.ts';

/** How the old control plane was installed: with a revision, or without; one without can also be replaced in place. */
export const MESHES = ['revisioned', 'unrevisioned', 'in place'] as const;

/** What is interrupted: a phase, and the state of the upgrade in which it begins. */
export interface Story {
  readonly phase: Phase;
  readonly inputs: Readonly<Record<string, string>>;
  readonly mesh: (typeof MESHES)[number];
  /** The story that has ended when it begins; `fresh` is the mesh as it was made. */
  readonly start: string;
  /** What a rollback is asked beside its phase, and how it ends: as that story did, or as the mesh was made. */
  readonly back: { readonly inputs: Readonly<Record<string, string>>; readonly to: string };
}

/** Namespace of the small mesh that moves with canary; the others follow in promote. */
export const FIRST = 'moved';

/** All namespaces of the small mesh have this label. */
export const TIER = { tier: 'front' } as const;

const OLD = '1.30.3';
const NEW = '1.31.0';
const BESIDE = { inputs: { version: NEW }, to: 'fresh' } as const;
const IN_PLACE = { strategy: 'in-place' } as const;
const DOWN = { inputs: { ...IN_PLACE, version: NEW }, to: 'fresh' } as const;
/** Of a downgrade on purpose: the way back leads up. */
const UP = { inputs: { ...IN_PLACE, version: OLD }, to: 'promote in place' } as const;

export const STORIES = {
  canary: {
    phase: 'canary',
    inputs: { 'canary-namespaces': FIRST, version: NEW },
    mesh: 'revisioned',
    start: 'fresh',
    back: BESIDE,
  },
  promote: { phase: 'promote', inputs: {}, mesh: 'revisioned', start: 'canary', back: BESIDE },
  removal: {
    phase: 'promote',
    inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
    mesh: 'revisioned',
    start: 'promote',
    back: BESIDE,
  },
  rollback: { phase: 'rollback', inputs: {}, mesh: 'revisioned', start: 'promote', back: BESIDE },
  'canary of a selector': {
    phase: 'canary',
    inputs: { 'canary-namespaces': 'tier=front', version: NEW },
    mesh: 'revisioned',
    start: 'canary',
    back: BESIDE,
  },
  'promote from an unrevisioned mesh': {
    phase: 'promote',
    inputs: {},
    mesh: 'unrevisioned',
    start: 'canary',
    back: BESIDE,
  },
  'canary in place': {
    phase: 'canary',
    inputs: { ...IN_PLACE, 'canary-namespaces': FIRST, version: NEW },
    mesh: 'in place',
    start: 'fresh',
    back: DOWN,
  },
  'promote in place': {
    phase: 'promote',
    inputs: IN_PLACE,
    mesh: 'in place',
    start: 'canary in place',
    back: DOWN,
  },
  'rollback in place': {
    phase: 'rollback',
    inputs: IN_PLACE,
    mesh: 'in place',
    start: 'promote in place',
    back: DOWN,
  },
  'canary down in place': {
    phase: 'canary',
    inputs: { ...IN_PLACE, 'canary-namespaces': FIRST, version: OLD, 'allow-downgrade': 'true' },
    mesh: 'in place',
    start: 'promote in place',
    back: UP,
  },
  'promote down in place': {
    phase: 'promote',
    inputs: IN_PLACE,
    mesh: 'in place',
    start: 'canary down in place',
    back: UP,
  },
} as const satisfies Record<string, Story>;
export type StoryName = keyof typeof STORIES;

/** Where a story can begin. */
export type Start = StoryName | 'fresh';

/** The stories of one mesh. */
export function storiesOf(mesh: Story['mesh']): StoryName[] {
  return (Object.keys(STORIES) as StoryName[]).filter((name) => STORIES[name].mesh === mesh);
}

/** The stories that must have been played, in that order, for all of some to begin. */
export function leadingTo(stories: readonly StoryName[]): StoryName[] {
  const before = (start: Start): StoryName[] =>
    start === 'fresh' ? [] : [...before(STORIES[start].start), start];
  return [...new Set(stories.flatMap((name) => before(STORIES[name].start)))];
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
  const thens =
    STORIES[story].phase === 'rollback' ? (['resume'] as const) : (['resume', 'rollback'] as const);
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
