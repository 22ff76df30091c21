import type { LiveSettings, Settings } from './settings.ts';

/** A setting that is one thing and would be another. */
export interface Difference {
  readonly key: string;
  /** The setting itself, where the key is of the whole that it is a part of. */
  readonly setting: string;
  /** Undefined where it is not set. */
  readonly is: string | undefined;
  readonly would: string | undefined;
}

/** Differences that are told as one. */
export interface Told {
  /** Of the setting, or of all that is told with it. */
  readonly key: string;
  readonly differences: readonly Difference[];
  /** What is beyond the limit, to stand behind it; mostly empty. */
  readonly more: string;
}

/** More of one object are told as one. */
const EACH = 5;
/** So much is told in all. */
const ALL = 10;

/** What an installation would change: what it brings, whoever set it, and what it has applied before and does not bring. */
export function differing(live: LiveSettings, coming: Settings): Difference[] {
  const keys = [...new Set([...live.applied.keys(), ...coming.keys()])].sort();
  return keys
    .map((key) => ({
      key,
      setting: key,
      is: (coming.has(key) ? live.whole : live.applied).get(key),
      would: coming.get(key),
    }))
    .filter(({ is, would }) => is !== would);
}

/**
 * Differences in so few lines that somebody reads them: each by itself, or all of one object as one where they are many.
 * Each key once, the first difference of it.
 */
export function withinLimits(differences: readonly Difference[]): Told[] {
  const groups = Map.groupBy(eachOnce(differences), ({ key }) => groupOf(key));
  const told = (most: number): Told[] =>
    [...groups].flatMap(([key, group]): Told[] =>
      group.length > most ? [{ key, differences: group, more: '' }] : group.map(alone),
    );
  return firstOf(told(EACH).length <= ALL ? told(EACH) : told(1));
}

/** The same, each by its own key, for who has to name them all. */
export function oneByOne(differences: readonly Difference[]): Told[] {
  return firstOf(eachOnce(differences).map(alone));
}

function eachOnce(differences: readonly Difference[]): Difference[] {
  return [...new Map([...differences].reverse().map((one) => [one.key, one])).values()].reverse();
}

function alone(one: Difference): Told {
  return { key: one.key, differences: [one], more: '' };
}

function firstOf(told: readonly Told[]): Told[] {
  const beyond = told.slice(ALL);
  return told
    .slice(0, ALL)
    .map((one, index) =>
      index === ALL - 1 && beyond.length > 0
        ? { ...one, more: `. And ${String(beyond.length)} more: ${beyond.map(({ key }) => key).join(', ')}` }
        : one,
    );
}

/** An object, or one of the texts that hold settings. */
function groupOf(key: string): string {
  return (isOfObject(key) ? /^[^:]*/ : /^[^.[]*/).exec(key)?.[0] ?? key;
}

/** Whether a key is of an object (`Service/edge:spec.type`), and not of a text that holds settings (`meshConfig.…`). */
export function isOfObject(key: string): boolean {
  return /^[A-Z][A-Za-z]*\//.test(key);
}

/** Whether a key is a part of what another one names, or the same. */
export function isWithin(key: string, top: string): boolean {
  return key === top || (key.startsWith(top) && /^[:.[]/.test(key.slice(top.length)));
}
