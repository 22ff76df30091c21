/** A source of chance that gives the same for the same seed, so that a story can be told again. */
export interface Chance {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number, at least 0, below `below`. */
  below(below: number): number;
  /** Whether something of that probability happens. */
  happens(probability: number): boolean;
  /** @throws where there is nothing to choose from */
  choose<T>(from: readonly T[]): T;
}

/** The chance of one story of a seed: stories don't depend on each other, so that any of them can be told alone. */
export function chanceOf(seed: number, index: number): Chance {
  const next = mulberry(mix(seed, index));
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    happens: (probability) => next() < probability,
    choose: <T>(from: readonly T[]): T => {
      if (from.length === 0) throw new Error('there is nothing to choose from');
      return from[below(from.length)] as T;
    },
  };
}

/** Neighbouring seeds and indexes must not begin alike. */
function mix(seed: number, index: number): number {
  let hash = 0x811c9dc5;
  for (const byte of `${String(seed)}:${String(index)}`) {
    hash = Math.imul(hash ^ byte.charCodeAt(0), 0x01000193);
  }
  // What differs in the last digit alone must differ in every bit.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Mulberry32: small, and even enough to draw stories with. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
